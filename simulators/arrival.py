"""One message on an events topic, read: what head office needs to count it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from simulators.stream_account import StreamName, dropped_range, stream_name

_PREFIX: Final = "proximity."
_SUFFIX: Final = ".v1"

Fact = tuple[str | None, str, str | None]
"""(subject, type, zone or campaign): what happened, without ids and times, to compare two runs by."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as it arrived. `type` is short (`zone.entered`), `covers` the range of an `event.dropped`."""

    stream: StreamName
    sequence: int
    id: str
    type: str
    subject: str | None
    content: Mapping[str, object]
    covers: tuple[int, int] | None

    @property
    def fact(self) -> Fact:
        """What happened, to whom and where, without ids and times."""
        place = self.content.get("campaign") or self.content.get("zone")
        return self.subject, self.type, None if place is None else str(place)


def read_arrival(payload: bytes) -> Arrival:
    """The event in a message of `events/{class}` (CloudEvents 1.0, structured JSON).

    Raises:
        ValueError: the message is not such an event; what is wrong is in the text, nothing of its subject.
    """
    envelope = _mapping(json.loads(payload), "the message")
    content = _mapping(envelope.get("data"), "data")
    event_type = _text(envelope, "type").removeprefix(_PREFIX).removesuffix(_SUFFIX)
    subject = envelope.get("subject")
    return Arrival(
        stream=stream_name(_text(envelope, "source")),
        sequence=int(_text(envelope, "sequence")),
        id=_text(envelope, "id"),
        type=event_type,
        subject=None if subject is None else str(subject),
        content=content,
        covers=dropped_range(event_type, content),
    )


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        msg = f"{name} must be a JSON object"
        raise ValueError(msg)
    return value


def _text(envelope: Mapping[str, object], key: str) -> str:
    value = envelope.get(key)
    if not isinstance(value, str):
        msg = f"the event has no text under {key!r}"
        raise ValueError(msg)
    return value
