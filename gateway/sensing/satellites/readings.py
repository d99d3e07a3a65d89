"""Readings of satellite gateways: each becomes one sighting, or is passed over; answered once that is committed."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from gateway.codecs.satellites.reading import Reading, Refusal, Taken, decode
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
    """Takes what is next in its stream, whatever comes before and however often: a satellite repeats what it sent.

    Nothing comes of a reading of a receiver that is not ours, nor of one that is not understood: it is passed over and
    its satellite told so, since whoever waited for it would wait for ever, and all that was read after it too.
    """

    def __init__(
        self,
        positions: Mapping[str, int],
        known: Callable[[str], str | None],
        refused: Callable[[Refusal, str], None] = lambda *_: None,
    ) -> None:
        """`positions` is how far earlier runs took each stream; `known` gives the receiver of a name, if it is ours.

        `refused` hears of each reading that is passed over why, and the name that its receiver gave itself, if any.
        """
        self._committed = {origin: last for origin, last in positions.items() if origin.startswith(ORIGIN)}
        self._accepted = dict(self._committed)
        self._waiting: deque[Sensed] = deque()
        self._known = known
        self._tell_refused = refused
        self._refused: dict[str, Taken] = {}

    def receive(self, incarnation: str, payload: bytes) -> Taken | None:
        """Take a reading, or pass it over; how far its stream was taken before, where that has to be said again.

        Raises:
            NotRead: it is none.
        """
        if not 0 < len(incarnation) <= _INCARNATION_CHARS:
            raise NotRead("its topic names no incarnation")
        reading, origin = decode(payload), f"{ORIGIN}{incarnation}"
        if reading.sequence <= self._committed.get(origin, 0):
            return self._answer(origin)
        if reading.sequence <= self._accepted.get(origin, 0) or len(self._waiting) >= MOST_WAITING:
            return None
        if origin not in self._accepted and len(self._accepted) >= MOST_STREAMS:
            raise NotRead("its stream is one too many: nobody has so many satellites")
        self._accepted[origin] = reading.sequence
        ours = self._judged(reading)
        if isinstance(ours, str):
            self._refused[origin] = Taken(reading.sequence, ours)
            self._tell_refused(ours, reading.sighting.receiver if reading.sighting else "")
        sighting = None if isinstance(ours, str) else ours
        self._waiting.append(Sensed(sighting, origin=(origin, reading.sequence)))
        return None

    def next(self) -> Sensed | None:
        """The next one for the inbox; None where none waits."""
        return self._waiting.popleft() if self._waiting else None

    def committed(self, positions: Mapping[str, int]) -> Iterator[tuple[str, Taken]]:
        """Hear what was committed; gives each stream of ours, by its incarnation, that got further, and how far."""
        for origin, last in positions.items():
            if origin.startswith(ORIGIN):
                self._committed[origin] = last
                yield origin.removeprefix(ORIGIN), self._answer(origin)

    def _answer(self, origin: str) -> Taken:
        taken, refused = Taken(self._committed[origin]), self._refused.get(origin)
        return refused if refused is not None and refused.sequence == taken.sequence else taken

    def _judged(self, reading: Reading) -> Sighting | Refusal | None:
        """The sighting, of our receiver; None for one that was lost; or why nothing comes of it."""
        if reading.problem is not None:
            return "not_understood"
        if reading.sighting is None:
            return None
        receiver = self._known(reading.sighting.receiver)
        return "unknown_receiver" if receiver is None else replace(reading.sighting, receiver=receiver)
