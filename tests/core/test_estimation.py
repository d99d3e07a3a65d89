"""The filter's parts: places, field, motion, decision; and the shop judged by them, restarted at any moment."""

import math
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.engine import Engine
from gateway.core.estimation.best import best_way
from gateway.core.estimation.decision import BACK_S, FLOOR_LEAD, Costs, Left, decided
from gateway.core.estimation.drift import Drift
from gateway.core.estimation.field import MAX_TABLES, MODEL_SPREAD_DB, Expected, Field
from gateway.core.estimation.interpolation import by_cluster
from gateway.core.estimation.learning import Scan, learned
from gateway.core.estimation.motion import Jump, Walk, prior
from gateway.core.estimation.noise import QUIETEST, Noise
from gateway.core.estimation.places import MAX_CELLS, cells_of, clusters_of
from gateway.core.estimation.posterior import PLACINGS_A_S, Located
from gateway.core.options import CoreOptions
from gateway.core.polygon import contains
from gateway.core.shop import Shop
from gateway.model.documents import FloorPlan, Receiver, Zone
from gateway.model.inputs import Started
from gateway.model.sighting import Sighting
from gateway.model.survey import Heard, Survey, SurveyPoint
from gateway.model.time import At
from gateway.model.visit import Presence
from tests.core.shops import FOB, INCARNATION, Hand, heard_about, plan

ROOMS = {
    "street": Zone("street", "storefront", ((0, -6), (12, -6), (12, 0), (0, 0)), adjacent=("left",)),
    "left": Zone("left", "aisle", ((0, 0), (6, 0), (6, 6), (0, 6)), adjacent=("right",)),
    "right": Zone("right", "aisle", ((6, 0), (12, 0), (12, 6), (6, 6))),
}
CORNERS = {"rx-a": (1.0, 1.0), "rx-b": (11.0, 1.0), "rx-c": (6.0, 5.5), "rx-d": (6.0, -5.0)}


def drawn() -> FloorPlan:
    """A street, two rooms behind it, four receivers with positions."""
    receivers = {name: Receiver(name, at=at, zone="street" if at[1] < 0 else "left") for name, at in CORNERS.items()}
    fob = {"fob": plan().beacons["fob"]}
    return replace(plan(), zones=ROOMS, receivers=receivers, beacons=fob, markers={})


def undrawn() -> FloorPlan:
    """The same without polygons."""
    return replace(drawn(), zones={name: replace(zone, polygon=()) for name, zone in ROOMS.items()})


def level_dbm(receiver: str, at: tuple[float, float]) -> float:
    return round(-55.0 - 26.0 * math.log10(max(1.0, math.dist(CORNERS[receiver], at))))


def burst(at: tuple[float, float]) -> list[Sighting]:
    return [Sighting("ble", receiver, FOB, level_dbm(receiver, at)) for receiver in CORNERS]


def surveyed(*, with_places: bool) -> Survey:
    points = []
    for zone, at in (("street", (6.0, -3.0)), ("left", (3.0, 3.0)), ("right", (9.0, 3.0))):
        heard = {receiver: heard_about(level_dbm(receiver, at)) for receiver in CORNERS}
        points.append(SurveyPoint(zone, at if with_places else None, 8, heard))
    return Survey("0042", tuple(points))


@pytest.mark.parametrize(
    ("floorplan", "survey", "way"),
    [
        (plan(), None, "receivers"),
        (replace(drawn(), receivers=dict(list(drawn().receivers.items())[:2]), beacons={}), None, "receivers"),
        (replace(drawn(), zones={name: replace(zone, adjacent=()) for name, zone in ROOMS.items()}), None, "positions"),
        (drawn(), None, "adjacency"),
        (drawn(), surveyed(with_places=True), "survey"),
        (drawn(), surveyed(with_places=False), "survey"),
        (undrawn(), surveyed(with_places=False), "survey"),
    ],
)  # fmt: skip
def test_the_best_way_that_the_documents_allow(floorplan: FloorPlan, survey: Survey | None, way: str) -> None:
    placing = best_way(Shop.of(floorplan), survey, CoreOptions())
    assert placing.way == way
    assert placing.condition().code == f"zones_by_{way}"


def test_cells_lie_in_their_zones_and_are_bounded() -> None:
    wide = Zone("hall", "floor", ((0, 0), (400, 0), (400, 300), (0, 300)))
    for zones in (ROOMS, {"hall": wide}):
        cells = cells_of(replace(drawn(), zones=zones))
        assert cells is not None
        assert len(cells) <= 1.2 * MAX_CELLS
        for zone, point in zip(cells.zone_of, cells.points, strict=True):
            assert point is not None
            assert contains(zones[cells.zones[zone]].polygon, point)


def test_clusters_are_bounded_however_far_a_survey_walked() -> None:
    points = [SurveyPoint("left", (float(x), float(y)), 1, {}) for x in range(0, 3000, 20) for y in range(0, 400, 20)]
    places, clusters = clusters_of(drawn(), points)
    assert len(places) == len(clusters) <= MAX_CELLS
    assert sum(len(cluster) for cluster in clusters) == len(points)


def test_a_reading_near_what_is_expected_is_likelier_and_tables_are_bounded() -> None:
    field = Field({"rx": Expected([-50.0, -70.0], [4.0, 4.0])})
    near, far = field.likelihoods({"rx": -51.2})
    assert near > far
    for level in range(3 * MAX_TABLES):
        field.likelihoods({"rx": -float(level)})
    assert len(field._tables) <= MAX_TABLES


def test_what_all_readings_are_off_by_together_tells_little_of_a_place() -> None:
    here_dbm = {"rx-a": -50.0, "rx-b": -70.0, "rx-c": -60.0, "rx-d": -65.0}
    louder_dbm = {"rx-a": -44.0, "rx-b": -69.0, "rx-c": -55.0, "rx-d": -63.0}
    expected = {anchor: Expected([here_dbm[anchor], louder_dbm[anchor]], [4.0, 4.0]) for anchor in here_dbm}
    heard = {anchor: dbm + 3.0 for anchor, dbm in here_dbm.items()}
    here, louder = Field(expected).likelihoods(heard)
    assert louder > here
    here, louder = Field(expected, together_db=4.0).likelihoods(heard)
    assert here > louder, "each reading is 3 dB louder than here"


@given(st.floats(0.0, 60.0), st.integers(0, 2))
@settings(deadline=None, max_examples=30)
def test_time_moves_a_belief_and_loses_none_of_it(gap_s: float, zone: int) -> None:
    cells = cells_of(drawn())
    assert cells is not None
    part = cells.slices[zone]
    here = [1 / (part.stop - part.start) if part.start <= place < part.stop else 0.0 for place in range(len(cells))]
    for motion in (Walk(cells, lambda _, __: True), Jump(cells)):
        after = motion.spread(here, gap_s)
        assert math.isclose(sum(after), 1.0, rel_tol=1e-6)
        assert all(mass >= 0.0 for mass in after)


def test_nobody_walks_through_a_wall() -> None:
    cells = cells_of(drawn())
    assert cells is not None
    street, right = cells.slices[0], cells.slices[2]
    walk = Walk(cells, lambda one, other: {one, other} != {0, 2})
    start = [1.0 if place == street.stop - 1 else 0.0 for place in range(len(cells))]
    assert sum(walk.spread(start, 1.0)[right]) == 0.0


def test_a_wide_floor_is_likelier_before_anything_is_heard_but_not_by_as_much_as_it_is_wider() -> None:
    cells = cells_of(drawn())
    assert cells is not None
    of_zone, width = zip(*((sum(prior(cells)[part]), part.stop - part.start) for part in cells.slices), strict=True)
    assert of_zone == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    floors = prior(replace(cells, drawn=False))
    street, left, right = (sum(floors[part]) for part in cells.slices)
    assert street + left + right == pytest.approx(1.0)
    assert 1.0 < street / left < width[0] / width[1]


@pytest.mark.parametrize(
    ("shares", "current", "told"),
    [
        ((0.1, 0.6, 0.3), None, 1),
        ((0.05, 0.06, 0.04), None, None),
        ((0.0, 0.4, 0.6), 1, 1),
        ((0.0, 0.2, 0.8), 1, 2),
        ((0.35, 0.4, 0.25), 1, 1),
        ((0.7, 0.2, 0.1), 1, 0),
        ((0.5, 0.4, 0.1), 0, 0),
    ],
)
def test_a_zone_changes_by_its_lead(shares: tuple[float, ...], current: int | None, told: int | None) -> None:
    costs = Costs(leads=(0.44, 0.44, 0.44), least=0.1, passer_by=3.0, outdoors=(True, False, False))
    assert decided(shares, shares[0], current, costs).zone == told


def test_one_report_tells_only_a_zone_that_is_as_probable_as_all_others_together() -> None:
    costs = Costs(leads=(0.4, 0.4), least=0.2, passer_by=3.0, outdoors=(False, False))
    assert decided((0.51, 0.49), 0.0, None, costs, at_first=True).zone == 0
    assert decided((0.45, 0.44), 0.0, None, costs, at_first=True).zone is None
    assert decided((0.45, 0.44), 0.0, None, costs).zone == 0


def test_whoever_just_left_a_zone_is_told_back_in_it_only_when_that_is_near_certain() -> None:
    costs = Costs(leads=(0.4, 0.4, 0.4), least=0.2, passer_by=3.0, outdoors=(True, False, False))
    back = (0.0, 0.9, 0.1)
    assert decided(back, 0.0, 2, costs).zone == 1
    assert decided(back, 0.0, 2, costs, left=Left(1, 3.0)).zone == 2
    assert decided((0.0, 0.98, 0.02), 0.0, 2, costs, left=Left(1, 3.0)).zone == 1
    assert decided(back, 0.0, 2, costs, left=Left(1, BACK_S)).zone == 1, "a while later people do turn back"
    assert decided(back, 0.0, 0, costs, left=Left(1, 3.0)).zone == 1, "which zone it is behind the front is no return"


def test_whoever_just_came_through_the_front_is_told_back_before_it_only_when_that_is_near_certain() -> None:
    costs = Costs(leads=(0.4, 0.4), least=0.2, passer_by=1.0, outdoors=(True, False))
    assert decided((0.9, 0.1), 0.9, 1, costs).zone == 0
    assert decided((0.9, 0.1), 0.9, 1, costs, left=Left(0, 3.0)).zone == 1
    assert decided((0.98, 0.02), 0.98, 1, costs, left=Left(0, 3.0)).zone == 0
    assert decided((0.1, 0.9), 0.1, 0, costs, left=Left(1, 3.0)).zone == 0, "nor the other way"


def test_a_phone_louder_than_the_fob_of_the_survey_is_placed_as_well_after_a_while() -> None:
    points = tuple(
        SurveyPoint(zone, (x, y), 8, {rx: heard_about(level_dbm(rx, (x, y))) for rx in CORNERS})
        for zone, room in ROOMS.items()
        for x, y in ((left + 1.0, 3.0) for left in range(int(room.polygon[0][0]), int(room.polygon[1][0]), 2))
    )
    learned_db = []
    for survey in (Survey("0042", points), None):
        placing = best_way(Shop.of(drawn()), survey, CoreOptions())
        assert isinstance(placing, Located)
        heard = tuple((rx, level_dbm(rx, (9.0, 3.0)) + 8.0) for rx in CORNERS)
        for number in range(240):
            at = At(number * 0.5, number * 0.5)
            assert placing.place(Presence("b.t", "tag", None, at, at, heard=heard)) is not None
        learned_db.append(placing._tracks["b.t"].weaker_db[0])
    with_survey_db, without_db = learned_db
    assert with_survey_db == pytest.approx(-8.0, abs=3.0)
    assert without_db == 0.0


def test_a_walk_from_the_street_through_both_rooms_and_out_again() -> None:
    engine = Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=drawn())
    hand = Hand(engine)
    hand.give(0.0, Started("test"))
    way = (
        [(3.0, -4.0)] * 10
        + [(3.0, -4.0 + step * 0.5) for step in range(15)]
        + [(3.0 + step * 0.4, 3.0) for step in range(16)]
    )
    way += [(9.0, 3.0)] * 10
    for number, at in enumerate([*way, *reversed(way)]):
        hand.give(1.0 + number * 0.5, *burst(at))
    entered = [event.data["zone"] for event in hand.events if event.type == "zone.entered"]
    assert entered == ["street", "left", "right", "left", "street"]
    assert all(
        0.0 < float(str(event.data["confidence"])) <= 1.0 for event in hand.events if event.type == "zone.entered"
    )


PAUSES_S, STOPS = (0.25, 0.5, 3.0, 40.0), ((3.0, -3.0), (2.0, 3.0), (10.0, 3.0))
walks = st.lists(st.tuples(st.sampled_from(PAUSES_S), st.sampled_from(STOPS)), min_size=2, max_size=30)


@given(walks, st.data())
@settings(deadline=None, max_examples=40)
def test_a_restart_at_any_point_keeps_the_visit_and_what_is_stored(walk, data) -> None:  # type: ignore[no-untyped-def]
    stop = data.draw(st.integers(1, len(walk) - 1))
    engine = Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=drawn())
    hand = Hand(engine)
    hand.give(0.0, Started("test"))
    moment_s = 1.0
    for number, (pause_s, at) in enumerate(walk):
        if number == stop:
            hand.engine = Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=drawn())
            hand.engine.restore(hand.folded.values())
            assert dict(hand.engine.records()) == hand.folded
            hand.give(moment_s, Started("test"))
        moment_s += pause_s
        hand.give(moment_s, *burst(at))
    hand.give(moment_s + 10_000.0)
    begun = [event.data["visit"] for event in hand.events if event.type == "visit.started"]
    ended = [event.data["visit"] for event in hand.events if event.type == "visit.ended"]
    assert begun == ended
    assert len(set(begun)) == len(begun)


def test_with_very_many_visitors_each_is_judged_less_often_and_none_of_it_grows() -> None:
    placing = best_way(Shop.of(drawn()), None, CoreOptions())
    assert isinstance(placing, Located)
    heard = tuple((receiver, level_dbm(receiver, (3.0, 3.0))) for receiver in CORNERS)
    presences = [
        Presence(f"b.t{number}", "tag", None, At(0.0, 0.0), At(0.0, 0.0), heard=heard) for number in range(1000)
    ]
    for presence in presences:
        assert placing.place(presence) is not None
    assert placing.pause_s == 1000 / PLACINGS_A_S
    soon, later = (replace(presences[0], seen=At(seconds, seconds)) for seconds in (1.0, 2.5))
    assert placing.place(soon) is None
    assert placing.place(later) is not None
    assert placing.condition().code == "zones_late"
    belief = placing._tracks["b.t0"].belief
    assert len(belief) * 8 < 8192
    for presence in presences:
        placing.forget(presence.subject)
    assert placing.pause_s == 0.0


def test_what_a_report_leaves_out_tells_of_a_place_too() -> None:
    everywhere, upstairs = heard_about(-70, 40), heard_about(-70, 38)
    down = SurveyPoint("left", None, 40, {"b.all": everywhere})
    up = SurveyPoint("right", None, 40, {"b.all": everywhere, "b.up": upstairs})
    field = Field(by_cluster([[down], [up]]))
    below, above = field.likelihoods({"b.all": -70.0})
    assert below > 1.65 * above
    below, above = field.likelihoods({"b.all": -70.0, "b.up": -70.0})
    assert above > 1.65 * below


def test_levels_with_two_peaks_are_told_from_one_peak_of_the_same_mean_and_spread() -> None:
    two_peaks = SurveyPoint("left", None, 60, {"b.all": Heard({-80: 30, -60: 30})})
    one_peak = SurveyPoint("right", None, 60, {"b.all": Heard({-84: 15, -70: 30, -56: 15})})
    field = Field(by_cluster([[two_peaks], [one_peak]]))
    assert two_peaks.heard["b.all"].mean_dbm == one_peak.heard["b.all"].mean_dbm == -70.0
    for dbm, peaks in ((-80, 0), (-60, 0), (-70, 1)):
        left, right = field.log_likelihoods("b.all", dbm)
        assert (left > right + 0.3) is (peaks == 0)
        assert (right > left + 0.3) is (peaks == 1)


def test_few_readings_say_little_of_the_levels_between_them() -> None:
    few = SurveyPoint("left", None, 2, {"b.all": Heard({-80: 1, -60: 1})})
    many = SurveyPoint("right", None, 200, {"b.all": Heard({-80: 100, -60: 100})})
    field = Field(by_cluster([[few], [many]]))
    at_peak, between = (field.log_likelihoods("b.all", dbm) for dbm in (-80, -70))
    assert at_peak[0] - between[0] < 0.2
    assert at_peak[1] - between[1] > 1.5


def test_anchors_in_doubt_are_left_out_while_most_are_not() -> None:
    anchors = [f"rx-{number}" for number in range(6)]
    drift = Drift(Field({anchor: Expected([-60.0], [4.0]) for anchor in [*anchors, "added"]}), anchors)
    level = dict.fromkeys(anchors, -60.0)
    for _ in range(200):
        drift.hear(level | {"rx-0": -80.0, "added": -90.0}, 0)
    assert drift.doubted == {"rx-0": "moved"}
    assert drift.news() == {"rx-0": "moved"}
    assert drift.news() == {}
    assert set(drift.trusted(level)) == set(anchors[1:])
    for _ in range(200):
        drift.hear({anchor: level[anchor] for anchor in anchors[1:]} | {"rx-1": -80.0, "rx-2": -40.0}, 0)
    assert drift.doubted == {"rx-0": "silent", "rx-1": "moved", "rx-2": "moved"}
    assert drift.trusted(level) == level
    for _ in range(600):
        drift.hear(level, 0)
    assert drift.doubted == {}
    drift.hear(dict.fromkeys(anchors[:4], -90.0), 0)
    assert drift.news() == dict.fromkeys(("rx-0", "rx-1", "rx-2"))


def test_a_whole_floor_needs_a_longer_lead() -> None:
    zones = {name: replace(zone, kind="floor") for name, zone in ROOMS.items()}
    placing = best_way(Shop.of(replace(drawn(), zones=zones)), None, CoreOptions())
    assert isinstance(placing, Located)
    assert set(placing._costs.leads) == {FLOOR_LEAD}


def test_a_quiet_shop_narrows_the_spread_and_a_loud_one_widens_nothing() -> None:
    quiet, loud, alone = Noise(), Noise(), Noise()
    for number in range(200):
        quiet.hear([(-1.0) ** (number + each) for each in range(6)], 6.0)
        loud.hear([9.0 * (-1.0) ** (number + each) for each in range(6)], 6.0)
        alone.hear([0.0, 1.0], 6.0)
    assert quiet.share == pytest.approx(QUIETEST)
    assert (loud.share, alone.share) == (1.0, 1.0)


@pytest.mark.parametrize("spread_db", [4.0, 6.0, 8.0])
def test_the_spread_that_is_expected_becomes_that_of_the_readings(spread_db: float) -> None:
    noise, random = Noise(), Random(spread_db)
    for _ in range(200):
        noise.hear([3.0 + random.gauss(0.0, spread_db) for _ in range(12)], MODEL_SPREAD_DB)
    assert noise.share * MODEL_SPREAD_DB == pytest.approx(spread_db, abs=1.0)


def test_a_spread_that_wavers_about_half_a_step_stays() -> None:
    noise, random, changes = Noise(), Random(1), 0
    for _ in range(4000):
        before = noise.share
        noise.hear([random.gauss(0.0, 5.5) for _ in range(12)], MODEL_SPREAD_DB)
        changes += noise.share != before
    assert changes < 12


def test_scans_of_one_place_are_one_point() -> None:
    scans = [Scan("left", (3.1, 3.0), (("rx-a", -60.0),)), Scan("left", (3.2, 3.0), (("rx-a", -64.0), ("rx-b", -80.0)))]
    (point,) = learned("0042", [*scans]).points
    assert point == SurveyPoint("left", (3.15, 3.0), 2, {"rx-a": Heard({-60: 1, -64: 1}), "rx-b": Heard({-80: 1})})
