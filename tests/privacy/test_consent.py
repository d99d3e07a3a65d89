"""Consent: a member's word holds at once, in decisions and in what is sent, and an older document does not undo it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.agreement import in_force
from gateway.core.engine import Engine
from gateway.core.erasure import MOST_KEPT
from gateway.core.privacy_options import PrivacyOptions
from gateway.model.commands import ErasedState
from gateway.model.consent import Agreed, AskConsent, Consent, Export, NotHere, SayConsent, Statement
from gateway.model.documents import PURPOSES, Campaign, Campaigns, Member, Members, Trigger, Variant
from gateway.model.feeds import Brief, FeedBatch
from gateway.model.inputs import DocumentReady, Erase, Started
from gateway.model.personal import Held
from gateway.model.redemptions import Reserve
from gateway.model.sighting import AppReport, CheckIn, HeardBeacon, Sighting
from gateway.model.step import Erased, Withdraw
from gateway.model.time import At
from tests.core.shops import INCARNATION, STARTED_UTC_S, Hand, plan

ADA = Member("ada", purposes=PURPOSES)
HELLO = Campaign("hello", Trigger("checked_in"), (Variant("a", 1, "hello"),), benefit={"kind": "percent", "value": 10})
BACK = replace(HELLO, id="back", purpose="retarget")
OPTIONS = PrivacyOptions("Acme SAS, Paris", "privacy@acme.example", "https://acme.example/n", "2026-01", "FR")
HERE = Sighting("app", "app", CheckIn("ada", "app"))
ALL = frozenset(PURPOSES)


def members(serial: int, *known: Member) -> DocumentReady:
    return DocumentReady("members", serial, "sha256:0", Members(serial, {each.handle: each for each in known}))


def opened(*known: Member) -> Hand:
    hand = Hand(Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=plan(), privacy=OPTIONS))
    words = {"hello": {"en": {"title": "Hello"}}}
    hand.give(0.0, members(1, *known), DocumentReady("campaigns", 1, "sha256:0", Campaigns(1, (HELLO, BACK), words)))
    hand.give(0.0, Started("test"))
    return hand


def answer(hand: Hand) -> object:
    return hand.steps[-1].answer


def agreed(hand: Hand, mono_s: float, handle: str = "ada") -> tuple[str, ...]:
    hand.give(mono_s, AskConsent(handle))
    said = answer(hand)
    assert isinstance(said, Agreed), said
    return said.purposes


def test_a_withdrawal_ends_the_visit_and_every_offer_at_once() -> None:
    hand = opened(ADA)
    hand.give(1.0, HERE)
    assert [each.type for each in hand.events if each.type.startswith("offer")] == ["offer.made", "offer.made"]
    told = hand.give(2.0, SayConsent("ada", ALL - {"presence"}))
    assert [each.type for each in told] == ["consent.changed", "visit.ended"]
    assert (told[1].data["cause"], told[1].data["zones"]) == ("consent", [])
    withdrawn = [each for each in hand.steps[-1].changes if isinstance(each, Withdraw)]
    assert [(each.subject, each.agreed) for each in withdrawn] == [("m.ada", ALL - {"presence"})]
    assert hand.give(3.0, HERE) == [], "nobody recognises the member"
    assert not [key for kind, key in hand.folded if kind in {"visit", "presence"}]


def test_of_the_zone_that_a_withdrawal_ends_head_office_hears_nothing() -> None:
    hand = opened(ADA)
    for second in range(30):
        hand.give(1.0 + second, Sighting("app", "app", AppReport("ada", (HeardBeacon("b-7", -50.0),))))
    told = hand.give(31.0, SayConsent("ada", ALL - {"presence"}))
    assert {each.type: hand.engine.barred(each) for each in told} == {
        "consent.changed": None,
        "zone.left": "withdrawn",
        "visit.ended": None,
    }


def test_a_purpose_alone_silences_its_campaigns_and_bars_what_waits() -> None:
    hand = opened(ADA)
    made = [each for each in hand.give(1.0, HERE) if each.type == "offer.made"]
    visit = hand.events[1]
    assert {hand.engine.barred(each) for each in hand.events} == {None}
    hand.give(2.0, SayConsent("ada", ALL - {"retarget"}))
    assert {each.data["campaign"]: hand.engine.barred(each) for each in made} == {"hello": None, "back": "withdrawn"}
    assert hand.engine.barred(visit) is None
    refused = {each.data["campaign"]: each.data for each in hand.give(3.0, HERE) if each.type == "offer.withheld"}
    assert refused["back"]["reason"] == "consent"
    hand.give(4.0, Erase("ada"))
    assert hand.engine.barred(made[0]) == "erased"


def test_what_waits_of_a_member_whom_a_document_leaves_out_is_barred_but_not_redemptions() -> None:
    hand = opened(ADA)
    hand.give(1.0, HERE, Reserve("ada", "hello", "till-1", "1"))
    ended = hand.give(2.0, members(2))
    reasons = {each.type: hand.engine.barred(each) for each in hand.events if each.subject}
    assert reasons["offer.made"] == reasons["visitor.checked_in"] == "withdrawn"
    assert reasons["redemption.reserved"] is None
    assert [(each.type, hand.engine.barred(each)) for each in ended] == [("visit.ended", None)]


def test_an_older_word_brings_nothing_back_and_a_newer_one_does() -> None:
    hand = opened(ADA)
    hand.give(10.0, SayConsent("ada", frozenset({"presence"})))
    for serial, said_s in ((2, None), (3, STARTED_UTC_S), (4, STARTED_UTC_S + 9.9)):
        hand.give(11.0 + serial, members(serial, replace(ADA, consent_utc_s=said_s)))
        assert agreed(hand, 11.5 + serial) == ("presence",)
    hand.give(20.0, members(5, replace(ADA, consent_utc_s=STARTED_UTC_S + 15.0)))
    assert frozenset(agreed(hand, 21.0)) == PURPOSES


def test_what_is_given_here_holds_until_a_document_knows_better() -> None:
    shy = Member("ada", purposes=frozenset({"presence"}))
    hand = opened(shy)
    hand.give(10.0, SayConsent("ada", frozenset({"presence", "offers"})))
    assert agreed(hand, 11.0) == ("presence", "offers")
    hand.give(12.0, members(2, replace(shy, consent_utc_s=STARTED_UTC_S)))
    assert agreed(hand, 13.0) == ("presence", "offers"), "the document is of before"
    hand.give(14.0, members(3, shy))
    assert agreed(hand, 15.0) == ("presence",), "in doubt a withdrawal wins"


def test_while_no_clock_is_set_a_withdrawal_holds_against_every_date() -> None:
    hand = opened(ADA)
    hand.clock = "unset"
    hand.give(10.0, SayConsent("ada", frozenset({"presence"})))
    hand.clock = "synced"
    hand.give(12.0, members(2, replace(ADA, consent_utc_s=STARTED_UTC_S + 86_400.0)))
    assert agreed(hand, 13.0) == ("presence",)


@given(
    document=st.frozensets(st.sampled_from(sorted(PURPOSES))),
    said=st.frozensets(st.sampled_from(sorted(PURPOSES))),
    dated_s=st.none() | st.floats(0.0, 100.0),
    serial=st.integers(1, 2),
    clock=st.sampled_from(["unset", "synced"]),
)
def test_nothing_withdrawn_here_is_ever_in_force_but_by_a_later_word(
    document: frozenset[str], said: frozenset[str], dated_s: float | None, serial: int, clock: str
) -> None:
    word = Statement(At(0.0, 50.0), clock, tuple(sorted(said)), None, "app")  # type: ignore[arg-type]
    member = Member("ada", purposes=document, consent_utc_s=dated_s)
    holds = in_force(member, Consent("ada", "c.1", 1, (word,)), serial).purposes
    later = clock == "synced" and dated_s is not None and dated_s >= 50.0
    assert holds == document if later else holds <= said


def test_the_record_says_who_agreed_to_what_towards_whom_and_how() -> None:
    hand = opened(ADA)
    hand.give(1.0, SayConsent("ada", frozenset({"presence", "offers"}), frozenset({"push"}), "app", "fr"))
    (told,) = hand.give(9.0, SayConsent("ada", frozenset({"presence"}), None, "staff"))
    record = told.data["record"]
    assert isinstance(record, dict)
    assert record["pii_controllers"] == [{"name": OPTIONS.controller, "contact": OPTIONS.contact}]
    assert record["notice"] == {"url": OPTIONS.notice, "version": "2026-01", "language": None}
    states = {each["purpose"]: (each["state"], each["since"]) for each in record["purposes"]}
    assert states["presence"] == ("given", "2026-01-05T09:00:01.000Z")
    assert states["offers"] == ("withdrawn", "2026-01-05T09:00:09.000Z")
    assert (record["channels"]["push"], record["channels"]["sms"]) == ("given", "withdrawn"), "channels are as before"
    assert [each["method"] for each in record["events"]] == ["app", "staff"]
    assert (told.data["withdrawn"], told.subject, told.stream) == (["offers"], "m.ada", "consent")
    assert hand.give(10.0, SayConsent("ada", frozenset({"presence"}))) == [], "the same again is no news"


def test_a_brief_goes_with_its_purpose_and_a_stranger_is_told_nothing() -> None:
    hand = opened(ADA)
    hand.give(1.0, FeedBatch("briefs", 1, "sha256:1", (Brief("ada"),)))
    hand.give(2.0, SayConsent("ada", ALL - {"staff_assist"}))
    assert not [key for kind, key in hand.folded if kind == "brief"]
    for ask in (SayConsent("eve", ALL), AskConsent("eve"), Export("eve")):
        assert hand.give(3.0, ask) == []
        assert isinstance(answer(hand), NotHere)


def test_an_export_holds_everything_and_an_erasure_takes_it() -> None:
    hand = opened(ADA)
    hand.give(1.0, HERE, SayConsent("ada", ALL), Reserve("ada", "hello", "till-1", "1"))
    (told,) = hand.give(2.0, Export("ada"))
    held = answer(hand)
    assert isinstance(held, Held)
    kinds = sorted(type(each).__name__ for each in held.records)
    assert kinds == ["Consent", "Exposure", "Exposure", "Presence", "Redemption", "Visit"]
    assert (told.type, told.data) == ("member.exported", {"counts": {"records": 6}, "clock": "synced"})
    (told,) = hand.give(3.0, Erase("ada"))
    assert answer(hand) == ErasedState(1, 1, 2, redemptions=1, statements=1)
    assert told.data["counts"]["redemptions"] == 1  # type: ignore[index]
    assert not [key for key in hand.folded if key[0] in {"consent", "redemption", "visit", "presence"}]


def test_of_too_many_erased_the_one_erased_first_makes_room_in_whatever_order_they_were_stored() -> None:
    crowd = [Erased(f"h-{number}", At(0.0, STARTED_UTC_S - number)) for number in range(MOST_KEPT)]
    engine = Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=plan(), privacy=OPTIONS)
    engine.restore(crowd)
    hand = Hand(engine, folded={("erased", (each.handle,)): each for each in crowd})
    hand.give(1.0, Erase("ada"))
    kept = {key[0] for kind, key in hand.folded if kind == "erased"}
    assert {each.handle for each in crowd} - kept == {crowd[-1].handle}
    assert "ada" in kept


@pytest.mark.parametrize("restored", [False, True])
def test_a_word_survives_a_restart(restored: bool) -> None:
    hand = opened(ADA)
    hand.give(1.0, SayConsent("ada", frozenset({"presence"})))
    engine = hand.engine
    if restored:
        engine = Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=plan(), privacy=OPTIONS)
        engine.restore(hand.folded.values())
    again = Hand(engine)
    again.give(2.0, members(2, ADA))
    again.give(3.0, Started("again"))
    assert agreed(again, 4.0) == ("presence",)
