"""Events: which types exist, and how one gets its id and its place in a stream."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gateway.core.ids import desk_id, event_id, visit_id
from gateway.core.state import State
from gateway.model.event import Event
from gateway.model.time import At, Now

EVENT_TYPES: Final[Mapping[str, str]] = {
    "redemption.reserved": "redemption",
    "redemption.lock_wanted": "redemption",
    "redemption.committed": "redemption",
    "redemption.cancelled": "redemption",
    "redemption.refused": "redemption",
    "redemption.rejected": "redemption",
    "points.earned": "redemption",
    "ticket.recorded": "redemption",
    "visit.started": "visit",
    "visit.ended": "visit",
    "zone.entered": "visit",
    "zone.left": "visit",
    "zone.dwelled": "visit",
    "code.scanned": "visit",
    "tag.tapped": "visit",
    "visitor.checked_in": "visit",
    "offer.made": "offer",
    "offer.withheld": "offer",
    "occupancy.measured": "telemetry",
    "beacon.reported": "telemetry",
    "receiver.changed": "telemetry",
    "survey.contradicted": "telemetry",
    "gateway.started": "telemetry",
    "gateway.stopped": "telemetry",
    "clock.changed": "telemetry",
    "incarnation.started": "telemetry",
    "publish.refused": "operation",
    "queue.long": "operation",
    "order.arrived": "operation",
    "order.handed_over": "operation",
    "order.not_fetched": "operation",
    "help.requested": "operation",
    "help.claimed": "operation",
    "help.closed": "operation",
    "return.received": "operation",
    "return.checked": "operation",
    "return.restocked": "operation",
    "price.mismatch": "operation",
    "slip.taken": "operation",
    "command.taken": "operation",
    "command.refused": "operation",
    "footfall.counted": "telemetry",
    "consent.changed": "consent",
    "member.erased": "consent",
    "member.exported": "consent",
    "event.dropped": "telemetry",
}
"""Every event type of this version and the stream it goes on (`event.dropped` goes on the stream it fills)."""


class Emitter:
    """Gives events their ids and sequences; what it emitted waits until `drain`."""

    def __init__(self, state: State, incarnation: str, id_key: bytes) -> None:
        self._state = state
        self._incarnation = incarnation
        self._key = id_key
        self._events: list[Event] = []

    def emit(self, event_type: str, now: Now, at: At, data: Mapping[str, object], subject: str | None = None) -> None:
        """Add an event that happened `at` and was decided `now`; its data says whether the clock was set."""
        stream = self._state.streams[EVENT_TYPES[event_type]]
        event = Event(
            id=event_id(self._key, self._incarnation, self._ordinal(), now.utc_s),
            incarnation=self._incarnation,
            stream=stream.name,
            sequence=stream.next_sequence,
            type=event_type,
            subject=subject,
            time_utc_s=at.utc_s,
            recorded_utc_s=round(now.utc_s, 3),
            data={**data, "clock": now.clock},
        )
        self._state.save(replace(stream, next_sequence=stream.next_sequence + 1))
        self._events.append(event)

    def new_visit_id(self) -> str:
        """An id for a visit that begins."""
        self._state.visits_made += 1
        return visit_id(self._key, self._incarnation, self._state.visits_made)

    def new_desk_id(self, letter: str) -> str:
        """An id for something at the desk that begins."""
        return desk_id(self._key, letter, self._incarnation, self._ordinal())

    @property
    def waiting(self) -> tuple[Event, ...]:
        """The events since the last `drain`, in order."""
        return tuple(self._events)

    def drain(self) -> tuple[Event, ...]:
        """The events since the last call, in order."""
        events = tuple(self._events)
        self._events.clear()
        return events

    def _ordinal(self) -> int:
        self._state.ids_made += 1
        return self._state.ids_made
