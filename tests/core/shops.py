"""A small shop, and a hand on its engine: what the tests of the core speak in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.core.engine import Engine
from gateway.core.options import CoreOptions
from gateway.core.privacy_options import PrivacyOptions
from gateway.core.timeline import tick_due
from gateway.model.documents import Beacon, FloorPlan, Marker, Receiver, Zone
from gateway.model.event import Event
from gateway.model.inputs import Input, Started, Tick
from gateway.model.sighting import IBEACON, BeaconId, BeaconTelemetry, Sighting
from gateway.model.step import Forget, Record, RecordKind, Save, Step, key_of, kind_of
from gateway.model.survey import Heard
from gateway.model.time import Clock, Now

STARTED_UTC_S = 1_767_603_600.0  # 2026-01-05T09:00:00Z
FOB = BeaconId(IBEACON, "5f1d0000-0000-4000-8000-00805f9b0001/1/1")
SHELF = BeaconId(IBEACON, "5f1d0000-0000-4000-8000-00805f9b0001/42/7")
INCARNATION = "0" * 16
COUNTING = PrivacyOptions(controller="Acme", guests_basis="legitimate_interest")


def plan() -> FloorPlan:
    """Street, door and two aisles with a receiver each; a fob, a shelf's beacon, a marker."""
    zones = (Zone("street", "storefront"), Zone("door", "entrance"), Zone("shoes", "aisle"), Zone("coats", "aisle"))
    return FloorPlan(
        store="0042",
        tenant="acme",
        timezone="Europe/Paris",
        languages=("fr", "en"),
        zones={zone.id: zone for zone in zones},
        receivers={f"rx-{zone.id}": Receiver(f"rx-{zone.id}", zone=zone.id) for zone in zones},
        beacons={
            "fob": Beacon("fob", FOB, mobile=True),
            "b-7": Beacon("b-7", SHELF, zone="shoes"),
        },
        markers={"A7": Marker("A7", product="09506000134352")},
    )


@dataclass
class Hand:
    """Steps an engine through time and keeps what came of it."""

    engine: Engine
    boot_id: str = "boot-1"
    clock: Clock = "synced"
    offset_s: float = STARTED_UTC_S
    last_s: float = float("-inf")
    steps: list[Step] = field(default_factory=list)
    folded: dict[tuple[RecordKind, tuple[str, ...]], Record] = field(default_factory=dict)

    def at(self, mono_s: float) -> Now:
        return Now(mono_s, self.offset_s + mono_s, self.clock, self.boot_id)

    def give(self, mono_s: float, *inputs: Input) -> list[Event]:
        """Step what is due and then `inputs`, all at `mono_s`; the events of it."""
        before = len(self.steps)
        now = self.at(mono_s)
        for item in inputs or (Tick(),):
            while (tick := tick_due(self.engine.deadline_s, self.last_s, now)) is not None:
                self._step(Tick(), tick)
            self._step(item, now)
        return [event for step in self.steps[before:] for event in step.events]

    def _step(self, item: Input, now: Now) -> None:
        step = self.engine.step(item, now)
        self.last_s = now.mono_s
        self.steps.append(step)
        for change in step.changes:
            if isinstance(change, Save):
                self.folded[kind_of(change.record), key_of(change.record)] = change.record
            elif isinstance(change, Forget):
                del self.folded[change.kind, change.key]

    @property
    def events(self) -> list[Event]:
        return [event for step in self.steps for event in step.events]


def new_engine(records: Iterable[Record] = (), options: CoreOptions | None = None) -> Engine:
    engine = Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=plan(), options=options, privacy=COUNTING)
    engine.restore(records)
    return engine


def open_shop(options: CoreOptions | None = None) -> Hand:
    hand = Hand(new_engine(options=options))
    hand.give(0.0, Started("test"))
    return hand


def heard(receiver: str, rssi_dbm: float, token: BeaconId | BeaconTelemetry = FOB) -> Sighting:
    return Sighting("ble", receiver, token, rssi_dbm=rssi_dbm, address="C0:00:00:00:00:01")


def stand(hand: Hand, zone: str, since_s: float, until_s: float, every_s: float = 1.0) -> list[Event]:
    """The fob stands in `zone`: its receiver hears it 25 dB louder than the others."""
    events: list[Event] = []
    moment_s = since_s
    while moment_s < until_s:
        packet = [heard(f"rx-{z}", -55.0 if z == zone else -80.0) for z in ("street", "door", "shoes", "coats")]
        events += hand.give(moment_s, *packet)
        moment_s += every_s
    return events


def kinds(events: Sequence[Event]) -> list[tuple[str, object]]:
    """(type, zone) of each event."""
    return [(event.type, event.data.get("zone")) for event in events]


def heard_about(dbm: float, count: int = 8) -> Heard:
    """A survey's readings of this mean, with a spread of 4 dB."""
    return Heard({round(dbm) - 4: count // 2, round(dbm) + 4: count - count // 2})
