"""Whatever happens to a shop, in whatever order: what is stored is what lives, and what is told makes sense."""

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pydantic import TypeAdapter

from gateway.core.beacons.watch import LOOK_EVERY_S
from gateway.core.timeline import tick_due
from gateway.model.documents import (
    Beacon,
    Campaign,
    Campaigns,
    Cap,
    FloorPlan,
    Lease,
    Marker,
    Member,
    Members,
    Trigger,
    Variant,
)
from gateway.model.event import Event
from gateway.model.inputs import Acked, ClockChanged, DocumentReady, Input, ReceiverHealth, Started, Stopping
from gateway.model.sighting import AppReport, CheckIn, CodeText, HeardBeacon, MemberToken, NfcTag, Sighting
from gateway.uplink.event_schemas import DATA
from tests.core.shops import FOB, INCARNATION, Hand, heard, new_engine, plan

ZONES = ("street", "door", "shoes", "coats")
RECEIVERS = (*(f"rx-{zone}" for zone in ZONES), "rx-unplaced")
HANDLES = ("q3lzt7", "w8mmxa", "zz9")
PARIS = ZoneInfo("Europe/Paris")
PURPOSES = frozenset({"presence", "offers"})
FACTS = {event_type: TypeAdapter(facts) for event_type, facts in DATA.items()}
LEASE = 4

CAMPAIGNS = (
    Campaign(
        "daily",
        Trigger("zone_entered"),
        (Variant("a", 1, "words"),),
        caps=(Cap("member", 1, "day"),),
        lease=Lease(LEASE),
    ),
    Campaign("once", Trigger("checked_in"), (Variant("a", 1, "words"),), caps=(Cap("member", 2, "ever"),)),
    Campaign("bye", Trigger("zone_left"), (Variant("a", 1, "words"),), caps=(Cap("visit", 1),)),
    Campaign("advice", Trigger("zone_dwelled", after_s=45.0), (Variant("a", 1, "words"),), exclusive_group="help"),
)


def smaller_plan() -> FloorPlan:
    """The shop after a rebuild: no aisle of shoes, no fob, no marker; the coats hang in the street."""
    whole = plan()
    return replace(
        whole,
        zones={name: zone for name, zone in whole.zones.items() if name != "shoes"}
        | {"coats": replace(whole.zones["coats"], kind="storefront")},
        receivers={name: receiver for name, receiver in whole.receivers.items() if name != "rx-shoes"},
        beacons={},
        markers={},
    )


def fixed_fob_plan() -> FloorPlan:
    """The fob was nailed to the door, and a zone is a marker's."""
    whole = plan()
    nailed = Beacon("fob", FOB, zone="door")
    return replace(whole, beacons={"fob": nailed}, markers={"A7": Marker("A7", zone="coats")})


documents = st.one_of(
    st.sampled_from([plan(), smaller_plan(), fixed_fob_plan()]),
    st.lists(st.sampled_from(CAMPAIGNS), unique_by=lambda campaign: campaign.id).map(
        lambda live: Campaigns(1, tuple(sorted(live, key=lambda c: c.id)), {"words": {"fr": {"title": "Bonjour"}}})
    ),
    st.sets(st.sampled_from(HANDLES)).map(
        lambda handles: Members(1, {handle: Member(handle, purposes=PURPOSES) for handle in sorted(handles)})
    ),
)
pauses = st.sampled_from((0.0, 0.1, 0.3, 1.0, 7.0, 40.0, 400.0, 5_000.0))
sightings = st.one_of(
    st.tuples(st.sampled_from(RECEIVERS), st.sampled_from((-90.0, -70.0, -50.0))).map(lambda each: heard(*each)),
    st.tuples(st.sampled_from(HANDLES), st.sampled_from(("b-7", "fob", "b-404"))).map(
        lambda each: Sighting("app", "app", AppReport(each[0], (HeardBeacon(each[1], -60.0),)))
    ),
    st.sampled_from(HANDLES).map(lambda handle: Sighting("app", "app", CheckIn(handle, "hand"))),
    st.sampled_from(("A7", "", "https://x/m/A7", "9506000134352")).map(
        lambda text: Sighting("code", "cam-1", CodeText("qr_code", text))
    ),
    st.binary(max_size=12).map(lambda ndef: Sighting("nfc", "nfc-1", NfcTag(ndef))),
    st.binary(min_size=8, max_size=8).map(
        lambda token: Sighting("ble", "rx-shoes", MemberToken(token), -50.0, "C0:00:00:00:00:02")
    ),
)


class Shop(RuleBasedStateMachine):
    """One gateway through sightings, failures, documents, clocks and restarts."""

    @initialize()
    def open(self) -> None:
        self.hand = Hand(new_engine())
        self.now_s = 0.0
        self.boots = 1
        self.in_force: dict[str, DocumentReady] = {}
        self.checked = 0
        self.sequences: Counter[str] = Counter()
        self.ids: set[str] = set()
        self.zone_of: dict[str, str] = {}
        self.visit_of: dict[str, str] = {}
        self.offers: defaultdict[tuple[str, ...], int] = defaultdict(int)
        self.hand.give(0.0, Started("test"))

    @rule(pause_s=pauses, seen=st.lists(sightings, min_size=1, max_size=4))
    def sighted(self, pause_s: float, seen: list[Input]) -> None:
        self._give(pause_s, *seen)

    @rule(zone=st.sampled_from(ZONES), packets=st.integers(1, 70))
    def stands(self, zone: str, packets: int) -> None:
        for _ in range(packets):
            self._give(1.0, *(heard(f"rx-{other}", -55.0 if other == zone else -80.0) for other in ZONES))

    @rule(pause_s=pauses)
    def waits(self, pause_s: float) -> None:
        self._give(pause_s)

    @rule(pause_s=pauses, receiver=st.sampled_from(RECEIVERS), status=st.sampled_from(("up", "down")))
    def receiver_changes(self, pause_s: float, receiver: str, status: str) -> None:
        self._give(pause_s, ReceiverHealth(receiver, "up" if status == "up" else "down"))

    @rule(content=documents)
    def document_comes(self, content: FloorPlan | Campaigns | Members) -> None:
        name = type(content).__name__.lower()
        self.in_force[name] = DocumentReady(name, self.boots, "sha256:00", content)
        self._give(0.0, self.in_force[name])

    @rule(step_s=st.sampled_from((-86_400.0, -3.0, -1.0, 0.0, 1.0, 3_600.0, 86_400.0)), synced=st.booleans())
    def clock_is_set(self, step_s: float, synced: bool) -> None:
        self.hand.offset_s += step_s
        self.hand.clock = "synced" if synced else "unset"
        self._give(0.5, ClockChanged())

    @rule(stream=st.sampled_from(("visit", "offer", "telemetry", "poem")), sequence=st.integers(0, 60))
    def head_office_acknowledges(self, stream: str, sequence: int) -> None:
        self._give(0.0, Acked(INCARNATION, stream, sequence))

    @rule(pause_s=pauses, politely=st.booleans())
    def process_restarts(self, pause_s: float, politely: bool) -> None:
        if politely:
            self._give(0.0, Stopping())
        self._restart(pause_s)

    @rule(pause_s=pauses, begins_at_s=st.sampled_from((0.0, 3.0, 50_000.0)), synced=st.booleans())
    def machine_reboots(self, pause_s: float, begins_at_s: float, synced: bool) -> None:
        self._new_boot(pause_s, begins_at_s, synced)
        self._restart(0.0)

    @rule(pause_s=pauses, begins_at_s=st.sampled_from((0.0, 3.0, 50_000.0)))
    def another_capture_is_played(self, pause_s: float, begins_at_s: float) -> None:
        self._new_boot(pause_s, begins_at_s, synced=True)
        self._give(0.0)

    @invariant()
    def stored_is_live(self) -> None:
        assert self.hand.folded == dict(self.hand.engine.records())

    @invariant()
    def told_makes_sense(self) -> None:
        news, self.checked = self.hand.events[self.checked :], len(self.hand.events)
        for event in news:
            self._check_place(event)
            self._check_facts(event)
            self._check_zone(event)
            self._check_visit(event)
            self._check_offer(event)

    @invariant()
    def nothing_due_is_left_undone(self) -> None:
        assert tick_due(self.hand.engine.deadline_s, self.hand.last_s, self.hand.at(self.now_s)) is None

    def teardown(self) -> None:
        if not hasattr(self, "hand"):
            return
        for _ in range(3):
            self._give(20_000.0)
        self.told_makes_sense()
        kinds = {kind for kind, _ in self.hand.engine.records()}
        assert not kinds & {"visit", "presence"}, "somebody is held for ever"
        due_s = self.hand.engine.deadline_s
        assert due_s is None or ("beacon" in kinds and due_s <= self.now_s + LOOK_EVERY_S), (
            "only beacons are looked after"
        )

    def _give(self, pause_s: float, *inputs: Input) -> None:
        self.now_s = round(self.now_s + pause_s, 3)
        self.hand.give(self.now_s, *inputs)

    def _new_boot(self, pause_s: float, begins_at_s: float, synced: bool) -> None:
        self.boots += 1
        utc_s = self.hand.at(self.now_s).utc_s + pause_s
        self.now_s = begins_at_s
        self.hand.boot_id, self.hand.last_s = f"boot-{self.boots}", float("-inf")
        self.hand.offset_s, self.hand.clock = utc_s - begins_at_s, "synced" if synced else "unset"

    def _restart(self, pause_s: float) -> None:
        self.hand.engine = new_engine(self.hand.folded.values())
        self._give(pause_s, *(self.in_force[name] for name in sorted(self.in_force)))
        self._give(0.0, Started("test"))

    def _check_place(self, event: Event) -> None:
        self.sequences[event.stream] += 1
        assert event.sequence == self.sequences[event.stream]
        assert event.id not in self.ids
        self.ids.add(event.id)

    def _check_facts(self, event: Event) -> None:
        FACTS[event.type].validate_python(event.data)
        assert json.loads(json.dumps(event.data), parse_float=_rounded) == event.data

    def _check_zone(self, event: Event) -> None:
        subject, zone = str(event.subject), str(event.data.get("zone"))
        match event.type:
            case "zone.entered":
                assert subject not in self.zone_of
                self.zone_of[subject] = zone
            case "zone.dwelled":
                assert self.zone_of[subject] == zone
            case "zone.left":
                assert self.zone_of.pop(subject) == zone
                assert event.data["from_at"] <= event.data["until_at"]  # type: ignore[operator]

    def _check_visit(self, event: Event) -> None:
        subject, data = str(event.subject), event.data
        match event.type:
            case "visit.started":
                assert subject not in self.visit_of
                self.visit_of[subject] = str(data["visit"])
            case "visit.ended":
                assert self.visit_of.pop(subject) == data["visit"]
                assert subject not in self.zone_of or not self._indoors(subject)
                whole = json.loads(json.dumps(data))
                times = [whole["started_at"], *(t for s in whole["zones"] for t in (s["from_at"], s["until_at"]))]
                assert [*times, whole["ended_at"]] == sorted([*times, whole["ended_at"]])
            case _:
                assert data.get("visit") in {None, self.visit_of.get(subject)}

    def _indoors(self, subject: str) -> bool:
        plans = self.in_force.get("floorplan")
        content = plans.content if plans else plan()
        assert isinstance(content, FloorPlan)
        return content.zones[self.zone_of[subject]].kind != "storefront"

    def _check_offer(self, event: Event) -> None:
        if event.type != "offer.made":
            return
        campaign, subject = str(event.data["campaign"]), str(event.subject)
        assert subject.startswith("m.")
        day = datetime.fromtimestamp(event.recorded_utc_s, UTC).astimezone(PARIS).date().isoformat()
        limits = {
            "daily": [((campaign, subject, day), 1), ((campaign,), LEASE)],
            "once": [((campaign, subject), 2)],
            "bye": [((campaign, subject, str(event.data["visit"])), 1)] if event.data["visit"] else [],
        }
        for key, most in limits.get(campaign, []):
            self.offers[key] += 1
            assert self.offers[key] <= most, key


def _rounded(text: str) -> float:
    number = float(text)
    assert number == round(number, 3), text
    return number


Shop.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestShop = Shop.TestCase
