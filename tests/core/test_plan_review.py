"""What a floor plan can say and hardly means: told before it is used, and nothing said of a plan that is right."""

from dataclasses import replace

import pytest

from gateway.core.plan_review import review_plan
from gateway.model.documents import Receiver, Zone
from tests.core.shops import plan

SQUARE = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))


def moved(x: float, y: float = 0.0) -> tuple[tuple[float, float], ...]:
    return tuple((left + x, bottom + y) for left, bottom in SQUARE)


def doubts(*zones: Zone, receivers: tuple[Receiver, ...] = ()) -> list[tuple[str, str]]:
    drawn = replace(
        plan(),
        zones={zone.id: zone for zone in zones},
        receivers={each.id: each for each in receivers},
        beacons={},
        markers={},
    )
    return [(doubt.key, doubt.problem) for doubt in review_plan(drawn)]


def test_a_plan_that_is_right_raises_no_doubt() -> None:
    assert list(review_plan(plan())) == []
    here, next_to, above = Zone("a", "aisle", SQUARE), Zone("b", "bar", moved(4.0)), Zone("c", "aisle", SQUARE, "1")
    assert doubts(here, next_to, above, receivers=(Receiver("r", at=(1.0, 1.0), zone="a"),)) == []
    assert doubts(here, Zone("b", "aisle", moved(3.9))) == [], "as much as a ruler errs"


@pytest.mark.parametrize(
    ("x", "y", "shared"), [(3.0, 0.0, "4.0"), (0.0, 0.0, "16.0"), (2.0, 2.0, "4.0"), (-1.0, 0.0, "12.0")]
)
def test_zones_that_overlap(x: float, y: float, shared: str) -> None:
    found = doubts(Zone("a", "aisle", SQUARE), Zone("b", "aisle", moved(x, y)))
    assert found == [("zones[0].polygon", f"'a' and 'b' share about {shared} m²")]


def test_a_zone_within_another_overlaps_it() -> None:
    within = tuple((1.0 + x / 2, 1.0 + y / 2) for x, y in SQUARE)
    found = doubts(Zone("a", "aisle", SQUARE), Zone("b", "aisle", within))
    assert found == [("zones[0].polygon", "'a' and 'b' share about 4.0 m²")]


@pytest.mark.parametrize("kind", ["ailse", "entrence", "Entrance", "check-out", "pick-up", "store-front"])
def test_a_kind_that_is_nearly_one(kind: str) -> None:
    assert doubts(Zone("a", kind)) == [("zones[0].kind", f"the kind {kind!r} of 'a' means nothing here")]


@pytest.mark.parametrize("kind", ["bar", "door", "street", "till", "stockroom", "window"])
def test_a_kind_of_its_own_is_no_slip(kind: str) -> None:
    assert doubts(Zone("a", kind)) == []


def test_sides_that_cross() -> None:
    bow = ((0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 6.0))
    assert doubts(Zone("a", "aisle", bow)) == [("zones[0].polygon", "two sides of 'a' cross")]


def test_a_receiver_said_to_be_elsewhere_than_it_is() -> None:
    zones = (Zone("a", "aisle", SQUARE), Zone("b", "aisle", moved(4.0)))
    elsewhere = Receiver("r", at=(5.0, 1.0), zone="a")
    assert doubts(*zones, receivers=(elsewhere,)) == [
        ("receivers[0].zone", "it is said to be in 'a', and its place is in 'b'")
    ]
    assert doubts(*zones, receivers=(replace(elsewhere, at=(4.5, 20.0)),)) == [], "outside, as at a wall"


def test_a_place_far_from_all_zones_is_a_slip_of_the_decimal_point() -> None:
    zones = (Zone("a", "aisle", SQUARE), Zone("b", "aisle", ()))
    far = [("receivers[0].at", "it is 51 m away from all zones")]
    assert doubts(*zones, receivers=(Receiver("r", at=(55.0, 1.0)),)) == far
    assert doubts(zones[1], receivers=(Receiver("r", at=(55.0, 1.0)),)) == [], "nothing is drawn"
