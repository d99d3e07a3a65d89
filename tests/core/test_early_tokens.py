"""Members heard before the tables that tell whose tokens they are: their visits begin with what was heard first."""

from dataclasses import replace

import pytest

from gateway.codecs.tokens import slot_of, token
from gateway.core.early_tokens import LONGEST_S, MOST
from gateway.model.documents import Member, Members
from gateway.model.event import Event
from gateway.model.inputs import DocumentReady, Started, TokensReady
from gateway.model.sighting import MemberToken, Sighting
from tests.core.shops import STARTED_UTC_S, Hand, new_engine, open_shop

ANN = bytes(range(16))
SLOT = slot_of(STARTED_UTC_S)
MEMBERS = Members(1, {"ann": Member("ann", purposes=frozenset({"presence"}))}, tokens_handed=True)


class Table:
    """Ann's token of one slot."""

    def __init__(self, slot: int) -> None:
        self._token = token(ANN, slot)

    def holders(self, value: bytes, /) -> tuple[str, ...]:
        return ("ann",) if value == self._token else ()


def table(slot: int) -> TokensReady:
    return TokensReady(1, slot, Table(slot))


def heard(slot: int = SLOT, receiver: str = "rx-shoes", **facts: float) -> Sighting:
    return Sighting("ble", receiver, MemberToken(token(ANN, slot)), -50.0, "5A:00:00:00:00:01", **facts)


def began_s(shop: Hand) -> float:
    """When Ann's visit began (monotonic s)."""
    return told(shop)["visit.started"].time_utc_s - STARTED_UTC_S


@pytest.fixture
def shop() -> Hand:
    shop = open_shop()
    shop.give(0.5, DocumentReady("members", 1, "sha256:0", MEMBERS))
    return shop


def told(shop: Hand) -> dict[str, Event]:
    return {event.type: event for event in shop.events if event.subject == "m.ann"}


def test_a_visit_begins_with_the_first_packet_heard_before_the_table(shop: Hand) -> None:
    for second in range(1, 9):
        shop.give(float(second), heard())
    assert told(shop) == {}
    shop.give(9.0, table(SLOT))
    shop.give(10.0)
    events = told(shop)
    assert began_s(shop) == 1.0
    assert events["zone.entered"].data["zone"] == "shoes"


def test_who_left_before_the_table_came_was_here(shop: Hand) -> None:
    shop.give(1.0, heard())
    shop.give(20.0, table(SLOT))
    shop.give(700.0)
    assert (began_s(shop), told(shop)["visit.ended"].data["cause"]) == (1.0, "silent")


def test_a_token_of_the_slot_before_waits_for_its_own_table(shop: Hand) -> None:
    shop.give(1.0, heard(SLOT - 1))
    shop.give(5.0, table(SLOT))
    shop.give(6.0)
    assert told(shop) == {}
    shop.give(7.0, table(SLOT - 1))
    shop.give(8.0)
    assert began_s(shop) == 1.0


def test_what_a_satellite_told_late_is_as_old_as_it_was(shop: Hand) -> None:
    shop.give(4.0, heard(age_s=2.0))
    shop.give(5.0, table(SLOT))
    shop.give(6.0)
    assert began_s(shop) == 2.0


def test_what_is_older_than_a_visit_may_be_silent_is_forgotten(shop: Hand) -> None:
    shop.give(1.0, heard())
    shop.give(2.0 + LONGEST_S, table(SLOT))
    shop.give(4.0 + LONGEST_S)
    assert told(shop) == {}


def test_made_up_tokens_take_no_more_room_than_there_is(shop: Hand) -> None:
    for number in range(MOST):
        shop.give(1.0, replace(heard(), token=MemberToken(number.to_bytes(8))))
    shop.give(2.0, heard())
    shop.give(3.0, table(SLOT))
    shop.give(4.0)
    assert told(shop) == {}
    shop.give(5.0, heard())
    shop.give(6.0)
    assert began_s(shop) == 5.0


def test_nothing_is_kept_for_long_where_no_table_ever_comes(shop: Hand) -> None:
    shop.give(1.0, heard())
    shop.give(2.0 + LONGEST_S, heard(SLOT - 1))
    assert [value for value, _ in shop.engine._early._first] == [token(ANN, SLOT - 1)]


def test_nothing_is_kept_once_every_table_is_there(shop: Hand) -> None:
    for slot in (SLOT - 1, SLOT, SLOT + 1):
        shop.give(1.0, table(slot))
    shop.give(2.0, heard(SLOT + 5))
    shop.give(3.0, table(SLOT + 2))
    shop.give(5.0)
    assert told(shop) == {}
    assert shop.engine._early._first == {}


def restarted(shop: Hand, mono_s: float) -> Hand:
    """The same shop after a kill, with its members and no table yet."""
    again = Hand(new_engine(shop.folded.values()), folded=dict(shop.folded))
    again.give(mono_s, DocumentReady("members", 1, "sha256:0", MEMBERS), Started("test"))
    return again


def tables(shop: Hand, mono_s: float) -> None:
    shop.give(mono_s, *(table(slot) for slot in (SLOT, SLOT - 1, SLOT + 1)))


def test_after_a_restart_nobody_leaves_before_it_can_be_told_who_is_there(shop: Hand) -> None:
    tables(shop, 1.0)
    for second in range(2, 60):
        shop.give(float(second), heard())
    again = restarted(shop, 65.0)
    for second in range(66, 130):
        again.give(float(second), heard())
    tables(again, 130.0)
    for second in range(131, 200):
        again.give(float(second), heard())
    assert [event.type for event in again.events if event.subject == "m.ann"] == ["zone.dwelled"]


def test_who_left_while_the_gateway_was_away_leaves_once_it_can_be_told(shop: Hand) -> None:
    tables(shop, 1.0)
    for second in range(2, 60):
        shop.give(float(second), heard())
    again = restarted(shop, 65.0)
    tables(again, 100.0)
    again.give(114.0)
    assert told(again) == {}
    again.give(117.0)
    assert told(again)["zone.left"].time_utc_s - STARTED_UTC_S == 59.0
