"""An event as head office receives it: a CloudEvents 1.0 envelope in structured JSON.

Attributes and extensions are those of the CloudEvents 1.0 specification (sections "Required", "Optional" and "Extension
context attributes") with the documented extensions `sequence`, `recordedtime` and `partitionkey`, in the order of
`docs/wire.md`, so that a replayed capture gives the same bytes every time.
"""

from collections.abc import Callable
from json import JSONEncoder
from typing import Final

from gateway.model.event import Event
from gateway.model.store import StoreRef
from gateway.model.time import rfc3339

CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
"""The media type of an encoded event (CloudEvents MQTT binding, structured mode)."""

MAX_EVENT_BYTES: Final = 65_536
"""The largest event that every CloudEvents intermediary must forward (CloudEvents 1.0, "Size limits")."""


_json: Final[Callable[[object], str]] = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class EventTooLarge(ValueError):
    """An event's JSON is larger than any broker must carry, so sending it would fail every time.

    `size` and `limit` are in bytes.
    """

    def __init__(self, event: Event, size: int, limit: int) -> None:
        super().__init__(
            f"event {event.type} {event.stream}/{event.sequence} takes {size} bytes, more than the {limit} that "
            "CloudEvents intermediaries must forward; shorten what its data lists"
        )
        self.size = size
        self.limit = limit


def source(store: StoreRef, incarnation: str, stream: str) -> str:
    """The URI-reference that names a stream; with an event's `sequence` it proves that nothing is missing."""
    return f"/tenants/{store.tenant}/stores/{store.store}/gateways/{store.gateway}/streams/{incarnation}/{stream}"


def sequence_text(sequence: int) -> str:
    """A sequence as 20 digits, so that text order is number order (CloudEvents extension `sequence`)."""
    return f"{sequence:020d}"


def to_cloudevent(event: Event, store: StoreRef) -> dict[str, object]:
    """The envelope of `event`, its keys in wire order.

    `partitionkey` is the subject, so that one visitor's events stay in order in a partitioned log; an event about
    nobody has no `subject` and is partitioned by its source, which keeps the order of its stream.
    """
    origin = source(store, event.incarnation, event.stream)
    envelope: dict[str, object] = {
        "specversion": "1.0",
        "id": event.id,
        "source": origin,
        "sequence": sequence_text(event.sequence),
        "type": f"proximity.{event.type}.v1",
    }
    if event.subject is not None:
        envelope["subject"] = event.subject
    time = rfc3339(event.time_utc_s)
    return envelope | {
        "time": time,
        "recordedtime": time if event.recorded_utc_s == event.time_utc_s else rfc3339(event.recorded_utc_s),
        "partitionkey": event.subject or origin,
        "datacontenttype": "application/json",
        "dataschema": f"schemas/{event.type}.v1.json",
        "data": dict(event.data),
    }


def encode(event: Event, store: StoreRef, limit: int = MAX_EVENT_BYTES) -> bytes:
    """`event` as UTF-8 JSON without spaces, at most `limit` bytes.

    Raises:
        EventTooLarge: the JSON is longer than `limit`.
        ValueError: `data` holds a number that JSON has no word for (NaN, infinity).
    """
    encoded = _json(to_cloudevent(event, store)).encode()
    if len(encoded) > limit:
        raise EventTooLarge(event, len(encoded), limit)
    return encoded
