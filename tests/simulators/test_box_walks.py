"""People of the boutique: they walk where one can, at their pace, pay in turn, leave and come again."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

import simulators
from simulators.box.crowd import Crowd
from simulators.box.paths import Paths, Waypoint
from simulators.box.queue import Queue
from simulators.box.store import Person, Store, read_store
from simulators.box.walker import TICK_S, Walker
from simulators.radio import Place

BOUTIQUE = Path(simulators.__file__).parent / "shops" / "boutique.toml"


@pytest.fixture(scope="module")
def store() -> Store:
    return read_store(BOUTIQUE)


def walk(walker: Walker, seconds: float) -> Iterator[Place | None]:
    for _ in range(round(seconds / TICK_S)):
        walker.step()
        yield None if walker.stance is None else walker.stance.at


def test_the_shortest_way_is_taken() -> None:
    paths = Paths(
        [
            Waypoint("a", (0.0, 0.0), ("b", "c")),
            Waypoint("b", (5.0, 0.0), ("d",)),
            Waypoint("c", (0.0, 9.0), ("d",)),
            Waypoint("d", (5.0, 1.0)),
            Waypoint("island", (9.0, 9.0)),
        ]
    )
    assert paths.route((0.1, 0.1), "d") == [(0.0, 0.0), (5.0, 0.0), (5.0, 1.0)]
    assert paths.route((5.0, 1.0), "a") == [(5.0, 1.0), (5.0, 0.0), (0.0, 0.0)]
    with pytest.raises(ValueError, match="no way leads"):
        paths.route((0.0, 0.0), "island")


def test_nobody_is_faster_than_they_walk_or_leaves_the_floor(store: Store) -> None:
    crowd = Crowd(store, seed=3)
    for name, walker in crowd.walkers.items():
        walker.call()
        places = list(walk(walker, 200))
        inside = [(a, b) for a, b in itertools.pairwise(places) if a is not None and b is not None]
        assert inside, name
        assert all(math.dist(a, b) <= walker.person.pace_m_s * TICK_S + 1e-9 for a, b in inside), name
        assert all(store.floor.zone_at(place) is not None for place in places if place is not None), name


def test_a_shopper_comes_pursues_the_goals_leaves_and_comes_again(store: Store) -> None:
    ana = Crowd(store, seed=1).walkers["ana"]
    zones = [None if place is None else store.floor.zone_at(place) for place in walk(ana, 600)]
    order = [zone for zone, _ in itertools.groupby(zones)]
    assert order[0] == "street"
    first = order[: order.index(None)]
    assert [first.index(goal) for goal in ("entrance", "shoes", "accessories")] == sorted(
        first.index(goal) for goal in ("entrance", "shoes", "accessories")
    )
    assert first[-2:] == ["entrance", "street"]
    assert order.count(None) >= 2
    assert order[order.index(None) + 1] == "street"


def test_staff_stay(store: Store) -> None:
    nils = Crowd(store, seed=1).walkers["nils"]
    zones = {store.floor.zone_at(place) if place else None for place in walk(nils, 600)}
    assert set(nils.person.goals) <= zones
    assert not zones & {None, "street"}


def test_two_at_the_till_are_served_one_after_the_other(store: Store) -> None:
    queue = Queue(store.till.line)
    person = Person("one", "stranger", ("checkout",), begins_in="checkout")
    walkers = [Walker(replace(person, name=name), store, queue, Random(name)) for name in ("one", "two")]
    longest = 0
    served: list[str] = []
    for _ in range(600):
        standing = len(queue)
        for walker in walkers:
            walker.step()
        longest = max(longest, len(queue))
        if len(queue) < standing:
            served.append(str(len(queue)))
    assert longest == 2
    assert served[:2] == ["1", "0"]


def test_somebody_who_is_away_can_be_called(store: Store) -> None:
    crowd = Crowd(store, seed=1)
    assert crowd.call("greta") == "greta"
    assert crowd.call("nobody") is None
    crowd.step()
    assert crowd.walkers["greta"].stance is not None
    assert crowd.call("greta") is None
    assert [crowd.call(), crowd.call()] == ["olga", "olga"]
    crowd.step()
    assert crowd.call() == "pablo"


def test_who_is_on_call_comes_when_called_and_never_else(store: Store) -> None:
    rosa = Crowd(store, seed=1).walkers["rosa"]
    assert set(walk(rosa, 300)) == {None}
    rosa.call()
    places = list(walk(rosa, 600))
    assert places[0] is not None
    assert places[-1] is None


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('to = ["door"]', 'to = ["nowhere"]', "'nowhere'"),
        ('goals = ["pickup"]', 'goals = ["cellar"]', "'cellar'"),
        ('tag = "fob-1"', 'tag = "b-men"', "'b-men'"),
        ('goals = ["pickup"]', "goals = []", "goals"),
        ('goals = ["pickup"]', 'goal = ["pickup"]', "goal"),
        ("loss_db = 4.0", 'loss_db = "much"', "loss_db"),
        ("floorplan =", "plan =", "floorplan"),
        ("[air]", "[air", "line"),
    ],
)
def test_a_store_that_is_wrong_says_where(tmp_path: Path, before: str, after: str, says: str) -> None:
    plan = BOUTIQUE.with_name("boutique_floorplan.toml")
    (tmp_path / plan.name).write_bytes(plan.read_bytes())
    path = tmp_path / "store.toml"
    path.write_text(BOUTIQUE.read_text().replace(before, after, 1))
    with pytest.raises(ValueError, match=says):
        read_store(path)
