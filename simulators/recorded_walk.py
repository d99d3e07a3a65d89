"""A recorded walk as an endless one: its capture played round and round, each round later by the walk's length."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.codecs.captures import parse_header, parse_line

TimedLine = tuple[float, str]
"""A capture line with its own time: seconds since the capture's start, and the JSON text without a line end."""

PAUSE_S: Final = 1.0
"""Between the end of a round and the begin of the next (seconds)."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A capture as read: when it began (seconds since 1970) and its lines, in order."""

    started_at_utc_s: float
    lines: tuple[TimedLine, ...]

    def round_and_round(self) -> Iterator[TimedLine]:
        """The lines again and again, `t` moved on by the recording's length at every round; ends only when empty."""
        shift_s = 0.0
        while self.lines:
            for t_s, text in self.lines:
                moved_s = round(t_s + shift_s, 3)
                yield moved_s, json.dumps(json.loads(text) | {"t": moved_s}, ensure_ascii=False, separators=(",", ":"))
            shift_s += self.lines[-1][0] + PAUSE_S


def read_recording(path: Path) -> Recording:
    """Read a capture file whole.

    Raises:
        CaptureError: a line is not what a capture has there; the message names the line.
        OSError: the file cannot be read.
    """
    written = path.read_text(encoding="utf-8").splitlines()
    header = parse_header(written[0] if written else "")
    lines: list[TimedLine] = []
    for number, text in enumerate(written[1:], start=2):
        parsed = parse_line(text, number, lines[-1][0] if lines else 0.0)
        lines.append((parsed.t_s, text))
    return Recording(header.started_at_utc_s, tuple(lines))
