"""What head office has of one event stream: counted purely, so that a test can prove that nothing is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from simulators.ranges import Ranges

REMEMBERED_IDS: Final = 20_000
"""Ids kept a stream, to tell a repeat from another event under its sequence; older ones go by sequence alone."""

Verdict = Literal["new", "duplicate", "conflict"]


@dataclass(frozen=True, slots=True)
class StreamName:
    """The parts of an event's `source` (wire.md, "MQTT"): which gateway, which life of it, which class of events."""

    gateway: str
    incarnation: str
    stream: str


@dataclass(slots=True)
class StreamAccount:
    """The counts of one stream.

    Attributes:
        received: Messages that arrived, repeats included.
        distinct: Events that arrived for the first time.
        duplicates: Messages of an event that was here already.
        conflicts: Messages whose sequence another event holds, or whose id came under another: a broken gateway.
        late: Events that arrived for the first time after a higher sequence had: order was not kept.
        dropped: Sequences that `event.dropped` said will never come.
        held: The sequences that are accounted for.
    """

    received: int = 0
    distinct: int = 0
    duplicates: int = 0
    conflicts: int = 0
    late: int = 0
    dropped: int = 0
    held: Ranges = field(default_factory=Ranges)
    _ids: dict[int, str] = field(default_factory=dict)
    _sequences: dict[str, int] = field(default_factory=dict)

    @property
    def contiguous(self) -> int:
        """The sequence up to which head office has everything: what it acknowledges."""
        return self.held.contiguous

    @property
    def gaps(self) -> int:
        """How many sequences below the highest one are missing."""
        return sum(last - first + 1 for first, last in self.held.holes)

    def resume(self, acked: int) -> None:
        """Take an earlier ack as had: a head office that starts again needs nothing up to it."""
        if acked >= 1:
            self.held.add(1, acked)

    def take(self, sequence: int, event_id: str, covers: tuple[int, int] | None = None) -> Verdict:
        """Count one message; `covers` is the range that an `event.dropped` answers for besides its own sequence."""
        self.received += 1
        verdict = self._verdict(sequence, event_id)
        if verdict == "new":
            self.distinct += 1
            self.late += sequence < self.held.highest
            self._hold(sequence, event_id, covers)
        elif verdict == "duplicate":
            self.duplicates += 1
        else:
            self.conflicts += 1
        return verdict

    def _verdict(self, sequence: int, event_id: str) -> Verdict:
        if self._sequences.get(event_id, sequence) != sequence or self._ids.get(sequence, event_id) != event_id:
            return "conflict"
        return "duplicate" if sequence in self.held else "new"

    def _hold(self, sequence: int, event_id: str, covers: tuple[int, int] | None) -> None:
        self.held.add(sequence, sequence)
        if covers is not None:
            self.held.add(*covers)
            self.dropped += covers[1] - covers[0] + 1
        self._ids[sequence] = event_id
        self._sequences[event_id] = sequence
        if len(self._ids) > REMEMBERED_IDS:
            oldest = next(iter(self._ids))
            del self._sequences[self._ids.pop(oldest)]


def stream_name(source: str) -> StreamName:
    """The parts of a CloudEvents `source` of a gateway.

    Raises:
        ValueError: `source` is not `/tenants/…/stores/…/gateways/…/streams/{incarnation}/{class}`.
    """
    match source.split("/"):
        case ["", "tenants", _, "stores", _, "gateways", gateway, "streams", incarnation, stream]:
            return StreamName(gateway, incarnation, stream)
    msg = f"{source!r} names no stream: expected /tenants/…/stores/…/gateways/…/streams/{{incarnation}}/{{class}}"
    raise ValueError(msg)


def dropped_range(event_type: str, payload: Mapping[str, object]) -> tuple[int, int] | None:
    """The sequences that an `event.dropped` answers for, first and last; None for any other event.

    Raises:
        ValueError: `first` or `last` is missing or no number.
    """
    if event_type != "event.dropped":
        return None
    try:
        return int(str(payload["first"])), int(str(payload["last"]))
    except (KeyError, ValueError) as error:
        msg = f"event.dropped needs first and last as sequences, has {sorted(payload)}"
        raise ValueError(msg) from error
