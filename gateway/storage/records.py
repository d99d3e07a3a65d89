"""Records, events and decisions as compact JSON bytes, and back: what is sealed and stored."""

import zlib
from collections.abc import Callable, Iterable, Mapping
from json import JSONDecodeError, dumps, loads
from typing import Any, Final, TypeVar, get_args

import orjson

from gateway.model.beacons import BeaconState
from gateway.model.commands import UsedCommand
from gateway.model.consent import Consent
from gateway.model.decision import Decision, Exposure, Offered, Withheld
from gateway.model.event import Event
from gateway.model.feeds import Brief, FeedPlace, Order, Stock
from gateway.model.help import HelpRequest
from gateway.model.issuers import ShownCode
from gateway.model.last_visit import LastVisit
from gateway.model.orders import Pickup
from gateway.model.redemptions import Redemption
from gateway.model.returns import Return
from gateway.model.savings import Saved
from gateway.model.slips import Slip
from gateway.model.step import Erased, ReceiverState, Record, RecordKind, Stream, Timeline, kind_of
from gateway.model.tickets import Ticket
from gateway.model.visit import Presence, Visit
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
    "beacon": Shape(BeaconState),
    "command": Shape(UsedCommand),
    "erased": Shape(Erased),
    "consent": Shape(Consent),
    "shown_code": Shape(ShownCode),
    "redemption": Shape(Redemption),
    "feed": Shape(FeedPlace),
    "stock": Shape(Stock),
    "order": Shape(Order),
    "brief": Shape(Brief),
    "pickup": Shape(Pickup),
    "help": Shape(HelpRequest),
    "ticket": Shape(Ticket),
    "return": Shape(Return),
    "slip": Shape(Slip),
    "last_visit": Shape(LastVisit),
    "saved": Shape(Saved),
}
_DECISIONS: Final[dict[str, Shape[Any]]] = {"offered": Shape(Offered), "withheld": Shape(Withheld)}

FASTEST: Final = 1
"""zlib's level: the others save a tenth more and take twice as long."""

T = TypeVar("T")


def encode_record(record: Record) -> bytes:
    """A record's bytes."""
    return _json(_SHAPES[kind_of(record)].to_json(record))


def decode_record(kind: RecordKind, body: bytes) -> Record:
    """The record of `kind` equal to the one that was encoded.

    Raises:
        Corrupted: the bytes are none of a record of this kind.
    """
    record: Record = _decoded(_SHAPES[kind].from_json, body)
    return record


def encode_events(events: Iterable[Event]) -> bytes:
    """Consecutive events of a stream without their places, compressed. Their `data` must be JSON."""
    parts = [(each.id, each.type, each.subject, each.time_utc_s, each.recorded_utc_s, each.data) for each in events]
    return zlib.compress(_json(parts), FASTEST)


def decode_events(incarnation: str, stream: str, first: int, body: bytes) -> list[Event]:
    """The events that were encoded, at their places from sequence `first` on; tuples in `data` come back as lists.

    Raises:
        Corrupted: the bytes are none of a run.
    """

    def read(parts: Any) -> list[Event]:
        return [
            Event(identity, incarnation, stream, sequence, kind, subject, time_utc_s, recorded_utc_s, facts)
            for sequence, (identity, kind, subject, time_utc_s, recorded_utc_s, facts, *_) in enumerate(parts, first)
        ]

    return _decoded(read, body, zlib.decompress)


def encode_changes(changes: Mapping[tuple[RecordKind, tuple[str, ...]], Record | None]) -> bytes:
    """What records are to be (None: forgotten), by kind and key, compressed."""
    parts = [[*place, record and _SHAPES[place[0]].to_json(record)] for place, record in changes.items()]
    return zlib.compress(_json(parts), FASTEST)


def decode_changes(body: bytes) -> dict[tuple[RecordKind, tuple[str, ...]], Record | None]:
    """The changes that were encoded; kinds that this code does not know are left out.

    Raises:
        Corrupted: the bytes are none of changes.
    """

    def read(parts: Any) -> dict[tuple[RecordKind, tuple[str, ...]], Record | None]:
        return {
            (kind, tuple(key)): written and _SHAPES[kind].from_json(written)
            for kind, key, written in parts
            if kind in _SHAPES
        }

    return _decoded(read, body, zlib.decompress)


def encode_decision(decision: Decision) -> bytes:
    """A decision's bytes."""
    verdict = "offered" if isinstance(decision, Offered) else "withheld"
    return _json({verdict: _DECISIONS[verdict].to_json(decision)})


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


def _decoded(read: Callable[[Any], T], body: bytes, unpack: Callable[[bytes], bytes] = bytes) -> T:
    try:
        return read(_value(unpack(body)))
    except (JSONDecodeError, zlib.error, TypeError, ValueError, KeyError, AttributeError) as error:
        msg = f"a stored value is not as it was written ({type(error).__name__})"
        raise Corrupted(msg) from error


def _json(value: Any) -> bytes:
    """As JSON; what orjson has no form for (integers above 64 bits, half of a surrogate pair) after a space."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return b" " + dumps(value, separators=(",", ":")).encode()


def _value(body: bytes) -> Any:
    """What `_json` was given: orjson would read integers above 64 bits as floats."""
    return loads(body) if body.startswith(b" ") else orjson.loads(body)
