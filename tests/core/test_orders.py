"""Orders: who has come for one, where its code says so, and how the waiting ends, whether or not a visit follows it."""

from dataclasses import replace
from typing import Final

import pytest

from gateway.core.desk.orders import WAITED_FOR_S
from gateway.model.documents import Beacon, FloorPlan, Receiver, Zone
from gateway.model.inputs import DocumentReady, Erase
from gateway.model.orders import HandOver
from gateway.model.sighting import IBEACON, BeaconId, CodeText, OwnScan, Sighting
from tests.core.desk import ORDER, asked, come, fed, floor, gone, near, open_desk, restarted, told
from tests.core.shops import Hand

MAIL: Final = "https://shop.example/o/7731"
COUNTER: Final = BeaconId(IBEACON, "5f1d0000-0000-4000-8000-00805f9b0001/42/9")


def with_counter(*, sensitive: bool = False) -> FloorPlan:
    """The shop with a counter for orders, where a beacon and a scanner stand."""
    shop = floor()
    zones = {**shop.zones, "counter": Zone("counter", "pickup", sensitive=sensitive)}
    receivers = {**shop.receivers, "scanner": Receiver("scanner", zone="counter")}
    beacons = {**shop.beacons, "b-counter": Beacon("b-counter", COUNTER, zone="counter")}
    return replace(shop, zones=zones, receivers=receivers, beacons=beacons)


def open_counter(plan: FloorPlan | None = None) -> Hand:
    hand = open_desk(rows=(ORDER,))
    hand.give(0.0, DocumentReady("floorplan", 2, "sha256:f", plan or with_counter()))
    return hand


def shown(hand: Hand, mono_s: float, receiver: str = "scanner") -> None:
    hand.give(mono_s, Sighting("code", receiver, CodeText("qr_code", MAIL)))


def scanned_by(hand: Hand, mono_s: float, handle: str) -> None:
    hand.give(mono_s, Sighting("app", "app", OwnScan(handle, "qr_code", MAIL)))


def ends(hand: Hand) -> list[tuple[object, object]]:
    return [(each["reason"], each["waited_s"]) for each in told(hand, "order.not_fetched")]


def test_who_came_by_a_code_alone_is_waited_for_half_an_hour_and_arrives_again() -> None:
    hand = open_counter()
    shown(hand, 10.0)
    hand.give(10.0 + WAITED_FOR_S - 1.0)
    assert ends(hand) == []
    hand.give(11.0 + WAITED_FOR_S)
    assert ends(hand) == [("expired", WAITED_FOR_S)]
    shown(hand, 5_000.0)
    assert [each["zone"] for each in told(hand, "order.arrived")] == ["counter", "counter"]


def test_half_an_hour_is_half_an_hour_over_a_restart() -> None:
    hand = open_counter()
    shown(hand, 10.0)
    again = restarted(hand)
    assert dict(again.engine.records()) == again.folded
    again.give(11.0 + WAITED_FOR_S)
    assert ends(again) == [("expired", WAITED_FOR_S)]


def test_an_order_that_was_handed_over_is_not_waited_for() -> None:
    hand = open_counter()
    shown(hand, 10.0)
    asked(hand, 70.0, HandOver("o-1", "7731", "maud"))
    hand.give(10.0 + 2 * WAITED_FOR_S)
    fed(hand, 8_000.0, "orders")
    assert told(hand, "order.handed_over")[0]["waited_s"] == 60.0
    assert ends(hand) == []
    assert not any(kind == "pickup" for kind, _ in hand.folded)


@pytest.mark.parametrize("rows", [(), (replace(ORDER, state="cancelled"),), (replace(ORDER, state="handed_over"),)])
def test_an_order_that_lies_here_no_more_is_not_waited_for(rows: tuple[object, ...]) -> None:
    hand = open_counter()
    shown(hand, 10.0)
    fed(hand, 70.0, "orders", *rows)  # type: ignore[arg-type]
    assert ends(hand) == [("gone", 60.0)]
    hand.give(10.0 + 2 * WAITED_FOR_S)
    assert len(ends(hand)) == 1


def test_a_visit_that_begins_later_tells_when_its_member_goes() -> None:
    hand = open_counter()
    shown(hand, 10.0)
    come(hand, 20.0)
    near(hand, 22.0, 20.0 + WAITED_FOR_S)
    assert ends(hand) == []
    gone(hand, 30.0 + WAITED_FOR_S)
    ((reason, _),) = ends(hand)
    assert reason == "left"
    assert told(hand, "order.not_fetched")[0]["visit"] == told(hand, "visit.started")[0]["visit"]
    assert len(told(hand, "order.arrived")) == 1


def test_of_an_erased_member_no_end_is_told() -> None:
    hand = open_counter()
    shown(hand, 10.0)
    hand.give(20.0, Erase("ada"))
    hand.give(10.0 + 2 * WAITED_FOR_S)
    assert ends(hand) == []


@pytest.mark.parametrize(("beacon", "arrivals"), [("b-7", []), ("b-counter", ["counter"])])
def test_a_phone_that_reads_an_orders_code_has_come_where_orders_are_given_out(
    beacon: str, arrivals: list[str]
) -> None:
    hand = open_counter()
    near(hand, 1.0, 20.0, beacon, "bob")
    scanned_by(hand, 21.0, "bob")
    assert [each["order"] for each in told(hand, "code.scanned")] == ["o-1"]
    assert [each["zone"] for each in told(hand, "order.arrived")] == arrivals


def test_a_phone_that_reads_an_orders_code_at_home_has_not_come() -> None:
    hand = open_counter()
    scanned_by(hand, 1.0, "ada")
    assert told(hand, "order.arrived") == []


def test_who_fetches_an_order_in_a_sensitive_zone_is_told_in_none() -> None:
    hand = open_counter(with_counter(sensitive=True))
    shown(hand, 10.0)
    assert [each["zone"] for each in told(hand, "code.scanned", "order.arrived")] == [None, None]
