"""Records, events and decisions as compact JSON bytes, and back: what is sealed and stored."""

from collections.abc import Callable
from json import JSONDecodeError, JSONEncoder, loads
from typing import Any, Final, TypeVar, get_args

from gateway.model.decision import Decision, Exposure, Offered, Withheld
from gateway.model.event import Event
from gateway.model.step import ReceiverState, Record, RecordKind, Stream, Timeline, kind_of
from gateway.model.visit import Presence, Visit
from gateway.storage.pace import Pace
from gateway.storage.refusals import Corrupted
from gateway.storage.shape import Shape

STORED_KINDS: Final[tuple[RecordKind, ...]] = get_args(RecordKind)
"""The kinds this code knows: rows of others are a newer code's and are left alone."""

_SHAPES: Final[dict[RecordKind, Shape[Any]]] = {
    "visit": Shape(Visit),
    "presence": Shape(Presence),
    "exposure": Shape(Exposure),
    "stream": Shape(Stream),
    "timeline": Shape(Timeline),
    "receiver": Shape(ReceiverState),
}
_EVENT: Final = Shape(Event, without=("incarnation", "stream", "sequence"))
_PACE: Final = Shape(Pace)
_DECISIONS: Final[dict[str, Shape[Any]]] = {"offered": Shape(Offered), "withheld": Shape(Withheld)}

T = TypeVar("T")

_json: Callable[[Any], str] = JSONEncoder(separators=(",", ":"), check_circular=False).encode


def encode_record(record: Record) -> bytes:
    """A record's bytes."""
    return _json(_SHAPES[kind_of(record)].to_json(record)).encode()


def decode_record(kind: RecordKind, body: bytes) -> Record:
    """The record of `kind` equal to the one that was encoded.

    Raises:
        Corrupted: the bytes are none of a record of this kind.
    """
    record: Record = _decoded(_SHAPES[kind].from_json, body)
    return record


def encode_pace(pace: Pace) -> bytes:
    """A pace's bytes."""
    return _json(_PACE.to_json(pace)).encode()


def decode_pace(body: bytes) -> Pace:
    """The pace equal to the one that was encoded.

    Raises:
        Corrupted: the bytes are none of a pace.
    """
    return _decoded(_PACE.from_json, body)


def encode_event(event: Event) -> bytes:
    """An event's bytes without its place in a stream, which is the row's key. Its `data` must be JSON."""
    return _json(_EVENT.to_json(event)).encode()


def decode_event(incarnation: str, stream: str, sequence: int, body: bytes) -> Event:
    """The event that was encoded, at its place; tuples in its `data` come back as lists.

    Raises:
        Corrupted: the bytes are none of an event.
    """
    return _decoded(
        lambda held: _EVENT.from_json(held, incarnation=incarnation, stream=stream, sequence=sequence), body
    )


def encode_decision(decision: Decision) -> bytes:
    """A decision's bytes."""
    verdict = "offered" if isinstance(decision, Offered) else "withheld"
    return _json({verdict: _DECISIONS[verdict].to_json(decision)}).encode()


def decode_decision(body: bytes) -> Decision:
    """The decision equal to the one that was encoded.

    Raises:
        Corrupted: the bytes are none of a decision.
    """

    def read(held: dict[str, Any]) -> Decision:
        ((verdict, written),) = held.items()
        decision: Decision = _DECISIONS[verdict].from_json(written)
        return decision

    return _decoded(read, body)


def _decoded(read: Callable[[Any], T], body: bytes) -> T:
    try:
        return read(loads(body))
    except (JSONDecodeError, UnicodeDecodeError, TypeError, ValueError, KeyError, AttributeError) as error:
        msg = f"a stored value is not as it was written ({type(error).__name__}): restore the state from a backup"
        raise Corrupted(msg) from error
