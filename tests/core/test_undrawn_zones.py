"""Zones that nobody has drawn: which meet, where somebody may be next, and how sure a change to a zone must be."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.estimation.best import best_way
from gateway.core.estimation.decision import RETURN_S, SETTLE_S, UNLIKELY_LEAD, Costs, Left, decided
from gateway.core.estimation.motion import Jump
from gateway.core.estimation.places import clusters_of
from gateway.core.estimation.posterior import Located
from gateway.core.options import CoreOptions
from gateway.core.shop import Shop
from gateway.model.documents import FloorPlan, Zone
from gateway.model.survey import Survey, SurveyPoint
from tests.core.shops import heard_about, plan

ROOMS = ("hats", "shoes", "coats", "tills")
ROW = {0: (1,), 1: (0, 2), 2: (1, 3), 3: (2,)}
COSTS = Costs(leads=(0.4,) * 4, least=0.2, passer_by=1.0, outdoors=(False,) * 4, meets=ROW)


def shop(**adjacent: tuple[str, ...]) -> FloorPlan:
    zones = {room: Zone(room, "aisle", adjacent=adjacent.get(room, ())) for room in ROOMS}
    return replace(plan(), zones=zones, receivers={}, beacons={}, markers={})


def surveyed(*rooms: str) -> list[SurveyPoint]:
    return [SurveyPoint(room, None, 60, {"b.1": heard_about(-60.0 - 8 * ROOMS.index(room))}) for room in rooms]


def meets(floorplan: FloorPlan, *rooms: str) -> dict[str, set[str]]:
    placing = best_way(Shop.of(floorplan), Survey("0042", tuple(surveyed(*rooms))), CoreOptions())
    assert isinstance(placing, Located)
    assert placing._costs.meets is not None
    return {ROOMS[zone]: {ROOMS[other] for other in others} for zone, others in placing._costs.meets.items()}


def test_zones_surveyed_one_after_another_meet_unless_the_plan_says_which_do() -> None:
    walked = {"hats": {"shoes"}, "shoes": {"hats", "coats"}, "coats": {"shoes", "tills"}, "tills": {"coats"}}
    assert meets(shop(), *ROOMS) == walked
    assert meets(shop(), "hats", "shoes", "shoes", "coats", "tills") == walked, "a zone of two points is one zone"
    assert meets(shop(), "shoes", "hats", "tills", "coats")["hats"] == {"shoes", "tills"}
    told = shop(hats=("coats",), shoes=("coats",), coats=("tills",))
    assert meets(told, *ROOMS)["coats"] == {"hats", "shoes", "tills"}
    assert meets(told, *ROOMS)["hats"] == {"coats"}


def test_a_zone_of_which_the_plan_says_nothing_meets_those_surveyed_before_and_after() -> None:
    assert meets(shop(hats=("coats",)), *ROOMS) == {
        "hats": {"coats", "shoes"},
        "shoes": {"hats", "coats"},
        "coats": {"hats", "shoes", "tills"},
        "tills": {"coats"},
    }


@given(st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4).filter(any), st.floats(0.1, 100.0))
@settings(deadline=None, max_examples=50)
def test_time_moves_a_belief_mostly_to_zones_that_meet_and_loses_none_of_it(weights: list[float], gap_s: float) -> None:
    places, _ = clusters_of(shop(), surveyed(*ROOMS))
    belief = [weight / sum(weights) for weight in weights]
    after = Jump(places, ROW).spread(belief, gap_s)
    assert sum(after) == pytest.approx(1.0)
    assert min(after) >= 0.0
    from_hats = Jump(places, ROW).spread([1.0, 0.0, 0.0, 0.0], gap_s)
    assert from_hats[1] > 3 * from_hats[2] == pytest.approx(3 * from_hats[3])


@pytest.mark.parametrize(
    ("told", "best", "left", "least", "why"),
    [
        (0, 1, None, 0.4, "it meets the present one"),
        (0, 2, None, UNLIKELY_LEAD, "it does not"),
        (1, 2, Left(0, SETTLE_S - 1), UNLIKELY_LEAD, "who has just come stays"),
        (1, 2, Left(0, SETTLE_S), 0.4, "and goes on after a while"),
        (1, 0, Left(0, RETURN_S - 1), UNLIKELY_LEAD, "few turn back"),
        (1, 0, Left(0, RETURN_S), 0.4, "at once"),
    ],
)
def test_an_unlikely_change_is_told_only_when_it_is_near_certain(
    told: int, best: int, left: Left | None, least: float, why: str
) -> None:
    for lead, zone in ((least - 0.02, told), (least + 0.02, best)):
        here = (1.0 - lead) / 2
        shares = [{told: here, best: here + lead}.get(each, 0.0) for each in range(4)]
        assert decided(shares, 0.0, told, COSTS, left=left).zone == zone, why


def test_where_zones_are_drawn_distance_says_what_is_unlikely() -> None:
    drawn = replace(COSTS, meets=None)
    shares = (0.05, 0.0, 0.95, 0.0)
    assert decided(shares, 0.0, 0, COSTS).zone == 0
    assert decided(shares, 0.0, 0, drawn).zone == 2
    assert decided(shares, 0.0, 0, drawn, left=Left(1, 1.0)).zone == 2
