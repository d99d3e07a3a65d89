"""Readings of satellite gateways: each becomes one sighting, and is answered once it is committed."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from gateway.codecs.satellites.reading import decode
from gateway.codecs.satellites.report import NotRead
from gateway.model.sighting import Sighting
from gateway.sensing.source import Sensed

ORIGIN: Final = "readings:"
"""Begins the name under which it is committed how far a satellite's stream is taken; its incarnation follows."""
MOST_WAITING: Final = 100
"""Readings that wait for the inbox; further ones are not taken, so that they come again."""
MOST_STREAMS: Final = 1_000
"""Streams that are known, as many as storage remembers; of a further one nothing is taken."""
_INCARNATION_CHARS: Final = 64


class Readings:
    """Takes what is next in its stream, whatever comes before and however often: a satellite repeats what it sent."""

    def __init__(self, positions: Mapping[str, int], known: Callable[[str], str | None]) -> None:
        """`positions` is how far earlier runs took each stream; `known` gives the receiver of a name, if it is ours."""
        self._committed = {origin: last for origin, last in positions.items() if origin.startswith(ORIGIN)}
        self._accepted = dict(self._committed)
        self._waiting: deque[Sensed] = deque()
        self._known = known

    def receive(self, incarnation: str, payload: bytes) -> int | None:
        """Take a reading; the sequence up to which its stream was taken before, where that has to be said again.

        Raises:
            NotRead: it is none, or of a receiver that is not ours.
        """
        if not 0 < len(incarnation) <= _INCARNATION_CHARS:
            raise NotRead("its topic names no incarnation")
        reading, origin = decode(payload), f"{ORIGIN}{incarnation}"
        if reading.sequence <= self._committed.get(origin, 0):
            return self._committed[origin]
        if reading.sequence <= self._accepted.get(origin, 0) or len(self._waiting) >= MOST_WAITING:
            return None
        if origin not in self._accepted and len(self._accepted) >= MOST_STREAMS:
            raise NotRead("its stream is one too many: nobody has so many satellites")
        sighting = None if reading.sighting is None else self._ours(reading.sighting)
        self._accepted[origin] = reading.sequence
        self._waiting.append(Sensed(sighting, origin=(origin, reading.sequence)))
        return None

    def next(self) -> Sensed | None:
        """The next one for the inbox; None where none waits."""
        return self._waiting.popleft() if self._waiting else None

    def committed(self, positions: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        """Hear what was committed; gives each stream of ours, by its incarnation, that got further, and how far."""
        for origin, last in positions.items():
            if origin.startswith(ORIGIN):
                self._committed[origin] = last
                yield origin.removeprefix(ORIGIN), last

    def _ours(self, sighting: Sighting) -> Sighting:
        receiver = self._known(sighting.receiver)
        if receiver is None:
            raise NotRead("its receiver is not named in the settings")
        return Sighting(sighting.medium, receiver, sighting.token, age_s=sighting.age_s)
