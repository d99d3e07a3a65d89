"""How fast an event stream grows: kept beside the events, since acked ones are gone when it is asked for."""

from dataclasses import dataclass
from typing import Final

HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Pace:
    """Events and bytes written in the newest hour (`hour` since 1970, by the gateway's clock) and in the one before."""

    hour: int
    events: int = 0
    bytes: int = 0
    events_before: int = 0
    bytes_before: int = 0

    def plus(self, hour: int, events: int, size: int) -> "Pace":
        """After `events` of `size` bytes were written in `hour`; a clock that stepped back starts anew."""
        if hour == self.hour:
            return Pace(hour, self.events + events, self.bytes + size, self.events_before, self.bytes_before)
        if hour == self.hour + 1:
            return Pace(hour, events, size, self.events, self.bytes)
        return Pace(hour, events, size)

    def bytes_an_hour(self, now_utc_s: float) -> float:
        """Bytes written in the last 60 minutes.

        The running hour counts whole, the one before it by the part that lies within the 60 minutes, as if its events
        had come evenly.
        """
        hour, into_s = divmod(now_utc_s, HOUR_S)
        still = 1 - into_s / HOUR_S
        match int(hour) - self.hour:
            case 0:
                return self.bytes + self.bytes_before * still
            case 1:
                return self.bytes * still
            case _:
                return 0.0
