"""Batches of feeds: in order or not at all; of a member only what it agreed to, and nothing once it is erased."""

from dataclasses import replace

import pytest

from gateway.core.feeds import MOST_ROWS
from gateway.model.commands import ErasedState
from gateway.model.documents import Member, Members
from gateway.model.feeds import (
    BatchRefused,
    Brief,
    FeedBatch,
    FeedName,
    FeedRow,
    FeedTaken,
    Gone,
    Order,
    OrderLine,
    Stock,
)
from gateway.model.inputs import DocumentReady, Erase
from gateway.model.step import Record
from tests.core.shops import STARTED_UTC_S, Hand, new_engine, open_shop

SHOES = Stock("09506000134352", "0042", 3, STARTED_UTC_S)
COATS = Stock("09506000134369", "0042", 1, STARTED_UTC_S)
ORDER = Order("o-1", "q3lzt7", "arrived", (OrderLine("09506000134352", 1),))
BRIEF = Brief("q3lzt7", ("09506000134352",), {"shoes": "42"}, ("running",), 1)


def batch(serial: int, *rows: FeedRow | Gone, base: int | None = None, feed: FeedName = "stock") -> FeedBatch:
    return FeedBatch(feed, serial, f"sha256:{serial}", rows, base)


def reason(hand: Hand, taken: FeedBatch) -> str | None:
    answer = given(hand, taken)
    return answer.reason if isinstance(answer, BatchRefused) else None


def given(hand: Hand, taken: FeedBatch) -> object:
    hand.give(hand.last_s + 1.0, taken)
    return hand.steps[-1].answer


def kept(hand: Hand, kind: str) -> list[Record]:
    return [record for (each, _), record in hand.folded.items() if each == kind]


def members(serial: int, *purposes: str) -> DocumentReady:
    everybody = Members(serial, {"q3lzt7": Member("q3lzt7", purposes=frozenset(purposes))})
    return DocumentReady("members", serial, f"sha256:{serial}", everybody)


def test_a_whole_batch_replaces_and_a_change_changes() -> None:
    hand = open_shop()
    assert given(hand, batch(1, SHOES, COATS)) == FeedTaken(2)
    assert given(hand, batch(2, replace(SHOES, quantity=2), base=1)) == FeedTaken(2)
    assert given(hand, batch(3, Gone((COATS.gtin, "0042")), base=2)) == FeedTaken(1)
    assert kept(hand, "stock") == [replace(SHOES, quantity=2)]
    assert given(hand, batch(9, COATS)) == FeedTaken(1)
    assert kept(hand, "stock") == [COATS]


def test_this_store_and_the_next_are_two_rows() -> None:
    hand = open_shop()
    assert given(hand, batch(1, SHOES, replace(SHOES, store="0043"))) == FeedTaken(2)


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (batch(4, COATS), "older_serial"),
        (replace(batch(5, COATS), digest="sha256:else"), "serial_reused"),
        (batch(7, COATS, base=6), "gap"),
        (batch(7, COATS, base=4), "gap"),
        (batch(7, COATS, base=5), None),
        (batch(7, COATS), None),
    ],
)
def test_batches_are_taken_in_order(later: FeedBatch, why: str | None) -> None:
    hand = open_shop()
    given(hand, batch(5, SHOES))
    assert reason(hand, later) == why
    if why is not None:
        assert kept(hand, "stock") == [SHOES]


def test_a_change_to_nothing_is_a_gap() -> None:
    assert reason(open_shop(), batch(2, SHOES, base=1)) == "gap"


def test_a_batch_heard_again_changes_nothing() -> None:
    hand = open_shop()
    given(hand, batch(1, SHOES))
    assert given(hand, batch(1, SHOES)) == FeedTaken(1)
    assert hand.steps[-1].changes == ()


def test_a_restarted_shop_goes_on_where_it_was() -> None:
    hand = open_shop()
    given(hand, batch(1, SHOES))
    again = Hand(new_engine(hand.folded.values()), last_s=hand.last_s)
    assert reason(again, batch(3, COATS, base=2)) == "gap"
    assert given(again, batch(2, COATS, base=1)) == FeedTaken(2)


def test_more_rows_than_may_be_kept_are_refused_whole() -> None:
    hand = open_shop()
    most = [Brief(f"h{number}") for number in range(MOST_ROWS["briefs"] + 1)]
    everybody = {brief.handle: Member(brief.handle, purposes=frozenset({"staff_assist"})) for brief in most}
    hand.give(0.5, DocumentReady("members", 1, "sha256:1", Members(1, everybody)))
    assert reason(hand, batch(1, *most, feed="briefs")) == "too_many"
    assert kept(hand, "brief") == []
    assert reason(hand, batch(1, *most[1:], feed="briefs")) is None


def test_a_brief_is_kept_while_the_member_agrees_to_it() -> None:
    hand = open_shop()
    assert given(hand, batch(1, BRIEF, feed="briefs")) == FeedTaken(0, left_out=1)
    hand.give(5.0, members(1, "presence", "staff_assist"))
    assert given(hand, batch(2, BRIEF, feed="briefs")) == FeedTaken(1)
    hand.give(10.0, members(2, "presence"))
    assert kept(hand, "brief") == []
    assert given(hand, batch(3, BRIEF, feed="briefs")) == FeedTaken(0, left_out=1)


def test_an_agreement_withdrawn_between_two_lives_ends_it_at_the_start() -> None:
    hand = open_shop()
    hand.give(0.5, members(1, "staff_assist"))
    given(hand, batch(1, BRIEF, feed="briefs"))
    again = Hand(new_engine(hand.folded.values()), last_s=hand.last_s, folded=dict(hand.folded))
    again.give(10.0, members(2, "presence"))
    assert kept(again, "brief") == []


def test_nothing_of_an_erased_member_stays_or_comes_again() -> None:
    hand = open_shop()
    hand.give(0.5, members(1, "presence", "staff_assist"))
    given(hand, batch(1, BRIEF, feed="briefs"))
    given(hand, batch(1, ORDER, replace(ORDER, order="o-2", handle="w8mmxa"), feed="orders"))
    hand.give(9.0, Erase("q3lzt7"))
    assert hand.steps[-1].answer == ErasedState(0, 0, 0, orders=1, briefs=1)
    assert [record.handle for record in kept(hand, "order") if isinstance(record, Order)] == ["w8mmxa"]
    assert given(hand, batch(2, ORDER, base=1, feed="orders")) == FeedTaken(1, left_out=1)
    assert given(hand, batch(2, BRIEF, base=1, feed="briefs")) == FeedTaken(0, left_out=1)
