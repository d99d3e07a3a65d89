"""Amounts of money and of points: a sum is right, and a limit holds, to the last cent, through messages and disk."""

import json
from dataclasses import replace
from decimal import Decimal, localcontext
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.savings import Savings
from gateway.core.state import State
from gateway.model.amount import LARGEST, LARGEST_TOTAL, NOTHING, Amount, amount_of, exact, rounded, total
from gateway.model.documents import Campaigns
from gateway.model.redemptions import CommitRedemption
from gateway.model.savings import Saved
from gateway.model.step import Record
from gateway.model.time import Now
from gateway.storage.records import decode_record, encode_record
from tests.core.desk import asked
from tests.core.offers import CONTENT
from tests.core.redeeming import reason, redemption
from tests.core.shops import open_shop
from tests.core.test_brand_coupons import BRAND, CAMPAIGN, DOCUMENT, WANTED

NOW = Now(0.0, 1_790_000_000.0, "synced", "boot")


def restored(record: Record | None) -> State:
    """The state of a shop that was started again with this record on its disk."""
    state = State()
    if record is not None:
        state.restore([decode_record("saved", encode_record(record))])
    return state


@given(st.sampled_from((0, 2, 4)), st.lists(st.integers(0, LARGEST), max_size=40), st.sampled_from((3, 28)))
def test_what_is_told_is_the_exact_sum(places: int, parts: list[int], digits: int) -> None:
    saved: Saved | None = None
    with localcontext() as whatever_others_set:
        whatever_others_set.prec = digits
        for part in parts:
            value = amount_of(json.loads(str(Decimal((0, tuple(map(int, str(part))), -places)))))
            state = restored(saved)
            Savings(state).add("m.ada", value, value, NOW)
            saved = state.saved["m.ada"]
    for held in (NOTHING,) * 2 if saved is None else (saved.in_all, saved.points):
        assert Decimal(json.dumps(float(held))) == Decimal(sum(parts)).scaleb(-places)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000_000))
def test_a_limit_holds_to_its_last_cent(cents: int) -> None:
    campaign = replace(CAMPAIGN, codes=replace(BRAND, offline_up_to=exact(cents / 100)))
    hand = open_shop()
    hand.give(0.5, replace(DOCUMENT, content=Campaigns(1, (campaign,), CONTENT)))
    held = redemption(asked(hand, 1.0, WANTED))
    assert reason(asked(hand, 2.0, CommitRedemption(held.id, amount_of((cents + 1) / 100)))) == "not_locked"
    assert redemption(asked(hand, 3.0, CommitRedemption(held.id, amount_of(cents / 100)))).state == "committed"


def test_what_doubles_get_wrong() -> None:
    assert total(amount_of(0.1), amount_of(0.2)) == exact(0.3)
    assert amount_of(1.1) < exact(1.1000000000000003)
    assert str(total(amount_of(LARGEST), amount_of(0.0001))) == "1000000000.0001"


@pytest.mark.parametrize(
    ("number", "meant"),
    [
        (0.1 + 0.2, "0.3000"),
        (-0.1 - 0.2, "-0.3000"),
        (sum([0.1] * 1000), "100.0000"),
        (sum([999.99] * 1000), "999990.0000"),
    ],
)
def test_what_a_till_added_up_in_doubles_is_what_it_meant(number: float, meant: str) -> None:
    assert str(amount_of(number)) == meant


@pytest.mark.parametrize("number", [0.30001, 1e-5, 999_999_999.99991])
def test_more_decimals_than_any_currency_has_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="write at most 4 decimals"):
        amount_of(number)


@pytest.mark.parametrize("number", [LARGEST + 0.01, -LARGEST - 1, 10**400, inf, -inf, nan])
def test_what_is_too_large_to_be_added_up_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="write at most 1,000,000,000"):
        amount_of(number)


def test_a_sum_stays_where_a_double_still_holds_each_of_its_decimals() -> None:
    most = rounded(1e300)
    assert (most, rounded(-1e300)) == (LARGEST_TOTAL, -LARGEST_TOTAL)
    assert total(most, amount_of(0.01)) == most
    below = total(most, amount_of(-0.0001))
    assert rounded(float(below)) == below == Amount("99999999999.9999")


OLD_ROWS = {
    "saved": b'{"subject":"m.ada","visit":null,"in_visit":0.3,"in_all":12.0,"points":50.0,'
    b'"since":[1.0,2.0],"last":[1.0,2.0]}',
    "ticket": b'{"id":"k.1","till":"till-3","number":"1","total":89.9,"currency":"EUR","at":[1.0,2.0],'
    b'"subject":null,"visit":null,"receipt":null}',
    "redemption": b'{"id":"r.1","subject":"m.ada","campaign":"gift","till":"till-3","state":"reserved","value":4.5,'
    b'"since":[1.0,2.0],"lock":null,"member":null,"coupon_until_utc_s":null}',
}
"""As the version wrote them that added up doubles."""


@pytest.mark.parametrize("kind", ["saved", "ticket", "redemption"])
def test_rows_of_earlier_versions_are_read_and_written_as_they_were(kind: str) -> None:
    row = OLD_ROWS[kind]
    assert encode_record(decode_record(kind, row)) == row  # type: ignore[arg-type]  # one of the kinds


def test_what_an_earlier_version_kept_too_exactly_is_rounded() -> None:
    row = OLD_ROWS["redemption"].replace(b"4.5", b"0.30000000000000004")
    again = decode_record("redemption", row)
    assert again == decode_record("redemption", row.replace(b"0.30000000000000004", b"0.3"))
    assert decode_record("saved", OLD_ROWS["saved"].replace(b"50.0", b"1e25")).points == LARGEST_TOTAL  # type: ignore[union-attr]
