"""The shop as it is shown: who is where, what receivers say, what happened last. Folded from commits."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from gateway.model.beacons import BeaconState
from gateway.model.decision import Decision
from gateway.model.event import Event
from gateway.model.step import ReceiverState, Record
from gateway.model.visit import Presence, Visit, VisitorKind
from gateway.runtime.feed import Committed

KEPT: Final = 200
"""Events and decisions that are kept, each."""


@dataclass(frozen=True, slots=True)
class Here:
    """A visitor who is in the shop or before it: `zone` None while unknown, `visit` None outside (times in UTC s)."""

    subject: str
    kind: VisitorKind
    zone: str | None = None
    zone_since_utc_s: float | None = None
    visit: str | None = None
    visit_since_utc_s: float | None = None
    assurance: str = "claimed"
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverStanding:
    """What was last said of a receiver; `status` None while nothing was."""

    receiver: str
    status: Literal["up", "down"] | None = None
    since_utc_s: float | None = None


@dataclass(slots=True)
class Touched:
    """What commits changed since somebody last looked: subjects (some may be gone), receivers, beacons."""

    subjects: set[str] = field(default_factory=set)
    receivers: set[str] = field(default_factory=set)
    beacons: set[str] = field(default_factory=set)


class ShopView:
    """A read model: restored once from what the engine is restored from, then kept by hearing every commit."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.here: dict[str, Here] = {}
        self.receivers: dict[str, ReceiverStanding] = {}
        self.beacons: dict[str, BeaconState] = {}
        self.events: deque[Event] = deque(maxlen=KEPT)
        self.decisions: deque[Decision] = deque(maxlen=KEPT)
        self.started_utc_s: float | None = None
        """When this run of the gateway began."""
        self._restore(records)

    def hear(self, committed: Committed) -> Touched:
        """Take up a commit; gives what it touched."""
        touched = Touched()
        for event in committed.events:
            if event.type == "gateway.started":
                self.started_utc_s = event.time_utc_s
            elif event.subject is not None and event.type in _FOLDS:
                self._visitor(event.subject, event)
                touched.subjects.add(event.subject)
            self.events.append(event)
        for receiver in committed.receivers:
            self._receiver(receiver)
            touched.receivers.add(receiver.receiver)
        for beacon in committed.beacons:
            self.beacons[beacon.beacon] = beacon
            touched.beacons.add(beacon.beacon)
        self.decisions.extend(committed.decisions)
        for subject in committed.erased:
            self._forget(subject)
        return touched

    def counts(self) -> Mapping[tuple[str, VisitorKind], int]:
        """How many visitors of each kind are in each zone."""
        return Counter((each.zone, each.kind) for each in self.here.values() if each.zone is not None)

    def _forget(self, subject: str) -> None:
        """The subject is gone from the shop, and from what happened in it."""
        self.here.pop(subject, None)
        self.events = deque((each for each in self.events if each.subject != subject), KEPT)
        self.decisions = deque((each for each in self.decisions if each.subject != subject), KEPT)

    def _restore(self, records: Iterable[Record]) -> None:
        kept = list(records)
        visits = {record.id: record for record in kept if isinstance(record, Visit)}
        for record in kept:
            if isinstance(record, ReceiverState):
                self._receiver(record)
            elif isinstance(record, BeaconState):
                self.beacons[record.beacon] = record
            elif isinstance(record, Presence) and (record.zone or record.visit):
                visit = visits.get(record.visit or "")
                self.here[record.subject] = Here(
                    subject=record.subject,
                    kind=record.kind,
                    zone=record.zone,
                    zone_since_utc_s=record.since.utc_s if record.zone else None,
                    visit=record.visit,
                    visit_since_utc_s=visit.started.utc_s if visit else None,
                    assurance=record.assurance.wire,
                    media=record.media,
                )

    def _receiver(self, state: ReceiverState) -> None:
        self.receivers[state.receiver] = ReceiverStanding(state.receiver, state.status, state.since.utc_s)

    def _visitor(self, subject: str, event: Event) -> None:
        said: Any = event.data
        before = self.here.get(subject) or Here(subject, "member" if subject.startswith("m.") else "tag")
        after = replace(before, assurance=said["assurance"], media=tuple(said["media"]))
        after = _FOLDS[event.type](after, said, event.time_utc_s)
        if after.zone is None and after.visit is None:
            self.here.pop(subject, None)
        else:
            self.here[subject] = after


def _started(here: Here, said: Any, at_utc_s: float) -> Here:
    return replace(here, visit=said["visit"], visit_since_utc_s=at_utc_s)


def _ended(here: Here, said: Any, _: float) -> Here:
    return replace(here, visit=None, visit_since_utc_s=None) if here.visit == said["visit"] else here


def _entered(here: Here, said: Any, at_utc_s: float) -> Here:
    return replace(here, zone=said["zone"], zone_since_utc_s=at_utc_s)


def _left(here: Here, said: Any, _: float) -> Here:
    return replace(here, zone=None, zone_since_utc_s=None) if here.zone == said["zone"] else here


def _stayed(here: Here, _: Any, __: float) -> Here:
    return here


_FOLDS: Final = {
    "visit.started": _started,
    "visit.ended": _ended,
    "visitor.checked_in": _stayed,
    "zone.dwelled": _stayed,
    "zone.entered": _entered,
    "zone.left": _left,
}
