"""One message on an events topic as a row of the table."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn
from uuid import UUID

from simulators.consumer.topics import vouches
from simulators.stream_account import dropped_range

MAX_EVENT_BYTES: Final = 65_536
"""A longer message is not even parsed (bytes; docs/wire.md, "Events")."""

MAX_SEQUENCE: Final = 10**18
"""A higher sequence is no gateway's, and would not fit a bigint together with its end."""

_PREFIX: Final = "proximity."
_SUFFIX: Final = ".v1"


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as it is stored.

    It accounts for the sequences `covers_from` to `sequence`: an `event.dropped` for those that will never come, any
    other for its own. `content` is the event's `data` as JSON text; `type` is short (`zone.entered`); times are aware.
    """

    source: str
    id: UUID
    recorded_at: datetime
    sequence: int
    covers_from: int
    type: str
    subject: str | None
    at: datetime
    content: str


class Unreadable(ValueError):
    """A message that no version of the table can hold; the text says why, and nothing of whom it is about."""


def read_row(topic: str, payload: bytes) -> EventRow:
    """The event in a message (CloudEvents 1.0, structured JSON) that came on `topic`.

    Raises:
        Unreadable: it is no event, PostgreSQL could not keep it, or it is of another stream than its topic, which is
            all that the broker's access list vouches for.
    """
    if len(payload) > MAX_EVENT_BYTES:
        raise Unreadable(f"{len(payload)} bytes, more than {MAX_EVENT_BYTES}")
    try:
        envelope = json.loads(payload, parse_constant=_no_number)
        if not isinstance(envelope, dict):
            raise Unreadable("the message is no JSON object")
        return _row(topic, envelope)
    except Unreadable:
        raise
    except KeyError as error:
        raise Unreadable(f"the event has no {error}") from error
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Unreadable(f"no event of docs/wire.md ({type(error).__name__})") from error


def _row(topic: str, envelope: dict[str, Any]) -> EventRow:
    source, sequence = _text(envelope["source"]), int(_text(envelope["sequence"]))
    if not 1 <= sequence <= MAX_SEQUENCE:
        raise Unreadable(f"sequence {sequence} is not from 1 to {MAX_SEQUENCE}")
    if not vouches(topic, source):
        raise Unreadable("its source is another than its topic")
    event_type = _text(envelope["type"]).removeprefix(_PREFIX).removesuffix(_SUFFIX)
    subject = envelope.get("subject")
    return EventRow(
        source=source,
        id=UUID(_text(envelope["id"])),
        recorded_at=_moment(envelope["recordedtime"]),
        sequence=sequence,
        covers_from=_covers_from(event_type, sequence, envelope["data"]),
        type=event_type,
        subject=None if subject is None else _text(subject),
        at=_moment(envelope["time"]),
        content=_json(envelope["data"]),
    )


def _covers_from(event_type: str, sequence: int, content: dict[str, Any]) -> int:
    """An `event.dropped` stands at the last sequence that it covers; what it claims beyond that is not believed."""
    covers = dropped_range(event_type, content)
    return sequence if covers is None else min(max(covers[0], 1), sequence)


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise Unreadable("a time has no offset")
    return moment.astimezone(UTC)


def _json(content: object) -> str:
    if not isinstance(content, dict):
        raise Unreadable("data is no JSON object")
    return _text(json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def _text(value: object) -> str:
    """Text that PostgreSQL can keep: whole characters, and no NUL, which JSON writes as an escape."""
    if not isinstance(value, str):
        raise Unreadable("a value that has to be text is not")
    value.encode()
    if "\0" in value or "\\u0000" in value:
        raise Unreadable("it holds a NUL character, which PostgreSQL has no room for")
    return value


def _no_number(word: str) -> NoReturn:
    raise Unreadable(f"{word} is no number of JSON")
