"""The read model: folded from commits it is what a restart restores, whoever walks where."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.beacons import BeaconState
from gateway.model.event import Event
from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import AppReport, CheckIn, HeardBeacon, Sighting
from gateway.model.step import ReceiverState, Save
from gateway.runtime.feed import Committed
from gateway.web.shop_view import KEPT, ReceiverStanding, ShopView
from tests.core.shops import INCARNATION, SHELF, Hand, heard, new_engine, open_shop

ZONES = ("street", "door", "shoes", "coats")
fob = st.sampled_from([heard(f"rx-{zone}", -50.0) for zone in ZONES])
arrival = st.sampled_from(["ada", "bob"]).map(lambda handle: Sighting("app", "app", CheckIn(handle, "app")))
phone = st.sampled_from(["ada", "bob"]).map(
    lambda handle: Sighting("app", "app", AppReport(handle, (HeardBeacon("b-7", -60.0),)))
)
health = st.builds(ReceiverHealth, st.sampled_from([f"rx-{zone}" for zone in ZONES]), st.sampled_from(["up", "down"]))
shelf = st.sampled_from([heard(f"rx-{zone}", -60.0, SHELF) for zone in ZONES])
walk = st.lists(st.tuples(st.floats(0.1, 400.0), st.one_of(fob, shelf, arrival, phone, health)), max_size=30)


def told(hand: Hand) -> Committed:
    """Everything that the steps so far told, as one commit."""
    saved = [change.record for step in hand.steps for change in step.changes if isinstance(change, Save)]
    return Committed(
        tuple(hand.events),
        tuple(decision for step in hand.steps for decision in step.decisions),
        receivers=tuple(record for record in saved if isinstance(record, ReceiverState)),
        beacons=tuple(record for record in saved if isinstance(record, BeaconState)),
    )


@settings(max_examples=100, deadline=None)
@given(walk)
def test_hearing_commits_gives_what_a_restart_restores(steps: list[tuple[float, Sighting | ReceiverHealth]]) -> None:
    hand, now_s = open_shop(), 0.0
    for after_s, item in steps:
        now_s += after_s
        hand.give(now_s, item)
    view = ShopView()
    view.hear(told(hand))
    restored = ShopView(hand.folded.values())
    assert view.receivers == restored.receivers
    assert view.beacons == restored.beacons
    assert set(view.here) == set(restored.here)
    for subject, here in view.here.items():
        other = restored.here[subject]
        assert (here.kind, here.zone, here.visit) == (other.kind, other.zone, other.visit)
        assert (here.zone_since_utc_s, here.visit_since_utc_s) == (other.zone_since_utc_s, other.visit_since_utc_s)
        assert here.assurance == other.assurance


def test_a_commit_says_whom_it_touched() -> None:
    hand = Hand(new_engine())
    hand.give(0.0, heard("rx-shoes", -50.0), heard("rx-shoes", -50.0, SHELF), ReceiverHealth("rx-door", "down"))
    hand.give(1.0)
    view = ShopView()
    touched = view.hear(told(hand))
    assert (touched.subjects, touched.receivers) == ({"b.fob"}, {"rx-door"})
    hand.give(35.0)
    assert ShopView().hear(told(hand)).beacons == {"b-7"}
    assert view.counts() == {("shoes", "tag"): 1}
    assert view.receivers["rx-door"].status == "down"


def test_an_erased_subject_is_in_the_view_no_more() -> None:
    hand = open_shop()
    hand.give(1.0, Sighting("app", "app", CheckIn("ada", "app")), Sighting("app", "app", CheckIn("bob", "app")))
    view = ShopView()
    view.hear(told(hand))
    view.hear(Committed(erased=("m.ada",)))
    assert set(view.here) == {"m.bob"}
    assert "m.bob" in {event.subject for event in view.events}
    assert "m.ada" not in {event.subject for event in view.events}


def test_what_is_kept_is_bounded() -> None:
    event = Event("id", INCARNATION, "telemetry", 1, "clock.changed", None, 1.0, 1.0, {})
    view = ShopView()
    view.hear(Committed((event,) * (2 * KEPT)))
    assert (len(view.events), len(view.here), view.receivers) == (KEPT, 0, {})
    assert ReceiverStanding("x").status is None
