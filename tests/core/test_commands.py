"""Commands are taken once each, for as long as they hold; an erased member was never there and is nobody."""

from dataclasses import replace
from typing import Literal

import pytest

from gateway.core.commands import KEPT_AFTER_S, MOST_KEPT
from gateway.model.commands import Command, ErasedState, NotTaken
from gateway.model.documents import Campaigns, Member, Members, Trigger
from gateway.model.inputs import Commanded, CommandEnded, DocumentReady, Erase, Started
from gateway.model.sighting import AppReport, CheckIn, HeardBeacon, Sighting
from gateway.model.step import Purge, Save
from tests.core.offers import CONTENT, WELCOME
from tests.core.shops import STARTED_UTC_S, Hand, new_engine, open_shop

ORDER = Command("order-1", "ping", "hq", STARTED_UTC_S, STARTED_UTC_S + 300.0)
IN = Sighting("app", "app", CheckIn("q3lzt7", "app"))
NEAR = Sighting("app", "app", AppReport("q3lzt7", (HeardBeacon("b-7", -60.0),)))


def answer(hand: Hand, mono_s: float, *inputs: Commanded | Erase) -> object:
    hand.give(mono_s, *inputs)
    return hand.steps[-1].answer


def reason(hand: Hand, mono_s: float, command: Command) -> str | None:
    refusal = answer(hand, mono_s, Commanded(command))
    return refusal.reason if isinstance(refusal, NotTaken) else None


def test_a_command_is_taken_once_and_told() -> None:
    hand = open_shop()
    assert reason(hand, 1.0, ORDER) is None
    (told,) = [event for event in hand.events if event.type == "command.taken"]
    assert told.data == {
        "command": "ping",
        "id": "order-1",
        "key": "hq",
        "issued_at": "2026-01-05T09:00:00.000Z",
        "expires_at": "2026-01-05T09:05:00.000Z",
        "clock": "synced",
    }
    assert reason(hand, 2.0, ORDER) == "used"
    assert reason(hand, 3.0, replace(ORDER, id="order-2")) is None


def test_a_command_taken_before_a_restart_is_still_used() -> None:
    hand = open_shop()
    reason(hand, 1.0, ORDER)
    hand.give(1.5, CommandEnded(ORDER.id, "done"))
    again = Hand(new_engine(hand.folded.values()), last_s=hand.last_s)
    again.give(1.6, Started("again"))
    assert reason(again, 2.0, ORDER) == "used"


@pytest.mark.parametrize(
    ("ended", "says"), [(None, "is being"), ("done", "was carried out"), ("failed", "was carried out in part")]
)
def test_who_sends_a_command_again_hears_what_became_of_it(ended: Literal["done", "failed"] | None, says: str) -> None:
    hand = open_shop()
    reason(hand, 1.0, ORDER)
    if ended is not None:
        hand.give(1.5, CommandEnded(ORDER.id, ended), CommandEnded("unheard-of", ended))
    refusal = answer(hand, 2.0, Commanded(ORDER))
    assert isinstance(refusal, NotTaken)
    assert refusal.reason == "used"
    assert f"It was taken at 2026-01-05T09:00:01.000Z and {says}" in refusal.says


def test_nobody_knows_of_a_command_that_was_not_over_when_the_gateway_ended() -> None:
    hand = open_shop()
    erase = replace(ORDER, id="order-2", name="erase")
    hand.give(1.0, Commanded(ORDER), Commanded(erase, Erase("q3lzt7", "order-2")))
    again = Hand(new_engine(hand.folded.values()), last_s=hand.last_s, folded=dict(hand.folded))
    again.give(1.5, Started("again"))
    assert reason(again, 2.0, ORDER) == "interrupted"
    assert reason(again, 2.0, erase) == "used"
    twice = Hand(new_engine(again.folded.values()), last_s=again.last_s)
    twice.give(2.5, Started("twice"))
    assert reason(twice, 3.0, ORDER) == "interrupted"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (replace(ORDER, expires_utc_s=STARTED_UTC_S + 1.0), "expired"),
        (replace(ORDER, issued_utc_s=STARTED_UTC_S + 70.0), "early"),
        (replace(ORDER, issued_utc_s=STARTED_UTC_S + 50.0), None),
        (replace(ORDER, expires_utc_s=STARTED_UTC_S + 90_000.0), "too_long"),
    ],
)
def test_a_command_holds_only_for_its_time(command: Command, why: str | None) -> None:
    assert reason(open_shop(), 1.0, command) == why


def test_without_a_clock_no_command_is_taken() -> None:
    hand = open_shop()
    hand.clock = "unset"
    assert reason(hand, 1.0, ORDER) == "clock_unset"


def test_ids_are_bounded_and_forgotten_when_time_alone_refuses_them() -> None:
    hand = open_shop()
    for number in range(MOST_KEPT):
        assert reason(hand, 1.0, replace(ORDER, id=f"many-{number}")) is None
    assert reason(hand, 1.0, ORDER) == "too_many"
    later_s = 301.0 + KEPT_AFTER_S
    at_s = STARTED_UTC_S + later_s
    assert reason(hand, later_s, Command("late-1", "ping", "hq", at_s, at_s + 60.0)) is None
    assert [kind for kind, _ in hand.folded if kind == "command"] == ["command"]


def shop_with_offers() -> Hand:
    hand = open_shop()
    document = Campaigns(1, (replace(WELCOME, trigger=Trigger("checked_in")),), CONTENT)
    hand.give(0.5, DocumentReady("campaigns", 1, "sha256:" + "0" * 64, document))
    return hand


def test_an_erased_member_was_never_there() -> None:
    hand = shop_with_offers()
    hand.give(1.0, NEAR)
    hand.give(2.0, IN)
    assert {kind for kind, key in hand.folded if "m.q3lzt7" in key} == {"presence", "exposure"}
    counts = answer(hand, 3.0, Commanded(ORDER, Erase("q3lzt7", "order-1")))
    assert counts == ErasedState(visits=1, presences=1, exposures=1)
    left = [record for record in hand.folded.values() if "q3lzt7" in repr(record)]
    assert [type(record).__name__ for record in left] == ["Erased"]
    assert Purge("m.q3lzt7") in hand.steps[-1].changes
    (told,) = [event for event in hand.steps[-1].events if event.type == "member.erased"]
    assert (told.subject, told.data["command"]) == (None, "order-1")
    assert hand.folded == dict(hand.engine.records())


def test_what_was_spent_on_an_erased_member_stays_spent() -> None:
    hand = shop_with_offers()
    hand.give(2.0, IN)
    answer(hand, 3.0, Erase("q3lzt7"))
    pooled = [r for (kind, _), r in hand.folded.items() if kind == "exposure"]
    assert [(r.subject, r.campaign, r.total) for r in pooled] == [("", "welcome", 1)]


def test_an_erased_member_is_nobody_until_a_document_names_it_no_more() -> None:
    hand = open_shop()
    named = Members(1, {"q3lzt7": Member("q3lzt7", purposes=frozenset({"presence"}))})
    hand.give(1.0, DocumentReady("members", 1, "sha256:" + "0" * 64, named))
    hand.give(2.0, IN)
    answer(hand, 3.0, Erase("q3lzt7"))
    before = len(hand.events)
    again = Hand(new_engine(hand.folded.values()), last_s=hand.last_s)
    for each in (hand, again):
        each.give(4.0, DocumentReady("members", 2, "sha256:" + "1" * 64, replace(named, serial=2)))
        each.give(5.0, IN, NEAR)
    assert [event.type for event in hand.events[before:]] == []
    assert not any(event.subject for event in again.events)
    hand.give(6.0, DocumentReady("members", 3, "sha256:" + "2" * 64, Members(3, {})))
    hand.give(7.0, DocumentReady("members", 4, "sha256:" + "3" * 64, replace(named, serial=4)), IN)
    assert "visit.started" in [event.type for event in hand.events[before:]]


def test_a_handle_that_no_document_names_needs_no_remembering() -> None:
    hand = open_shop()
    hand.give(1.0, DocumentReady("members", 1, "sha256:" + "0" * 64, Members(1, {})))
    assert answer(hand, 2.0, Erase("q3lzt7")) == ErasedState(0, 0, 0)
    assert not [change for change in hand.steps[-1].changes if isinstance(change, Save) and "q3lzt7" in repr(change)]
