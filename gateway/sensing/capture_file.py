"""A capture file as a source: paced like life, faster, or as fast as it can be stepped; once or round and round."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog

from gateway.codecs.captures import parse_header, parse_line
from gateway.model.health import Condition
from gateway.sensing.capture import PART, CaptureReading, CaptureTime
from gateway.sensing.source import Sensed, Surroundings

LINES_A_TURN: Final = 50
"""Lines between two turns of the event loop, about 2 ms."""
ROUND_GAP_S: Final = 1.0
"""Between the last line of a round and the first of the next (seconds of the capture)."""


class CaptureFile:
    """Plays a file from behind the last line that an earlier run committed."""

    name = "capture"

    def __init__(self, path: Path, speed: float, loop: bool, surroundings: Surroundings) -> None:
        self.timekeeper = CaptureTime(surroundings.last)
        self._path = path
        self._speed = speed
        self._loop = loop
        self._surroundings = surroundings
        self._reading: CaptureReading | None = None
        self._taken = 0
        self._log = structlog.get_logger("capture")

    async def __aenter__(self) -> Self:
        if self._reading is None:
            with self._path.open(encoding="utf-8") as lines:
                header = parse_header(lines.readline())
            self._reading = CaptureReading(header, self._path.parent, self._surroundings, self.timekeeper)
            self._taken = self._surroundings.positions.get(self._reading.origin, 0)
            self._log.info("capture_begins", after_line=self._taken, speed=self._speed, loop=self._loop)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    async def __aiter__(self) -> AsyncIterator[Sensed]:
        if self._reading is None:
            msg = "enter the source before iterating over it"
            raise RuntimeError(msg)
        began: tuple[float, float] | None = None
        for position, text, later_s in self._untaken():
            for sensed in self._reading.sensed(text, position, later_s):
                if sensed.now is not None and self._speed:
                    began = began or (_real_s(), sensed.now.mono_s)
                    await _sleep_until(began[0] + (sensed.now.mono_s - began[1]) / self._speed)
                yield sensed
            self._taken = position
            if position % LINES_A_TURN == 0:
                await asyncio.sleep(0)
        self._surroundings.health.report(Condition(PART, "ended", "ok"))
        self._log.info("capture_ended", lines=self._taken)

    def committed(self, positions: Mapping[str, int]) -> None:
        """Nothing to do: the file stays where it is."""

    def _untaken(self) -> Iterator[tuple[int, str, float]]:
        """Position, text and shift of every line not taken yet; endless for a loop."""
        position, later_s = 0, 0.0
        while True:
            before, text = position, ""
            with self._path.open(encoding="utf-8") as lines:
                parse_header(lines.readline())
                for text in lines:
                    if text.isspace():
                        continue
                    position += 1
                    if position > self._taken:
                        yield position, text, later_s
            if not self._loop or position == before:
                return
            later_s += parse_line(text, position).t_s + ROUND_GAP_S


async def _sleep_until(real_s: float) -> None:
    await asyncio.sleep(max(0.0, real_s - _real_s()))


def _real_s() -> float:
    return asyncio.get_running_loop().time()
