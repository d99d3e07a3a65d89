"""Time as the engine sees it: stamped once, when an input enters the inbox."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

Clock = Literal["unset", "synced"]

GRID_S = 0.25
"""Ticks lie on this grid of monotonic time (seconds)."""


_LEAP_SECOND: Final = re.compile(r"(?<=[Tt ])(\d\d:59):60(?!\d)")


@dataclass(frozen=True, slots=True)
class Now:
    """One instant on both clocks.

    `mono_s` never decreases within a boot and measures every duration; `utc_s` (seconds since 1970) dates what is told
    to people and head office, and is believed only while `clock` is "synced". `boot_id` names the life of `mono_s`.
    """

    mono_s: float
    utc_s: float
    clock: Clock
    boot_id: str

    def ago(self, age_s: float) -> "Now":
        """The instant that lies `age_s` (seconds) before this one."""
        return replace(self, mono_s=self.mono_s - age_s, utc_s=self.utc_s - age_s) if age_s else self


@dataclass(frozen=True, slots=True)
class At:
    """When something happened, on both clocks (seconds), rounded to milliseconds so that storing it changes nothing."""

    mono_s: float
    utc_s: float

    @classmethod
    def of(cls, now: Now) -> "At":
        """The instant of `now`."""
        return cls(round(now.mono_s, 3), round(now.utc_s, 3))


def rfc3339(utc_s: float) -> str:
    """`utc_s` (seconds since 1970) as RFC 3339 in UTC with milliseconds: `2026-01-05T09:00:00.000Z`."""
    return datetime.fromtimestamp(round(utc_s, 3), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_rfc3339(text: str) -> float:
    """Seconds since 1970 of an RFC 3339 date-time.

    A leap second (`23:59:60`, section 5.7) is the second before it once more, as the system's clock has it: its
    fraction stays, so that what lies within it keeps its order.

    Raises:
        ValueError: `text` is no date-time, or has no offset.
    """
    moment = datetime.fromisoformat(_LEAP_SECOND.sub(r"\1:59", text))
    if moment.tzinfo is None:
        msg = f"{text!r} has no offset: write it in UTC with a final Z"
        raise ValueError(msg)
    return moment.timestamp()
