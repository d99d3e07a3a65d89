"""Events for head office: what happened, on which stream, under which sequence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

STREAMS: Final = ("redemption", "consent", "visit", "offer", "operation", "telemetry")
"""Event classes in falling priority; each is a stream of its own within an incarnation."""


@dataclass(frozen=True, slots=True)
class Event:
    """One fact for head office.

    `id` is a UUIDv7; (`incarnation`, `stream`, `sequence`) place it in its stream; `type` is without prefix and version
    (`zone.entered`); `time_utc_s` is when it happened by the evidence, `recorded_utc_s` when it was decided; `data`
    is JSON.
    """

    id: str
    incarnation: str
    stream: str
    sequence: int
    type: str
    subject: str | None
    time_utc_s: float
    recorded_utc_s: float
    data: Mapping[str, object]
