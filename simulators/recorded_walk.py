"""A recorded walk as an endless one: its capture played round and round, each round later by the walk's length."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PAUSE_S = 1.0
"""Between the end of a round and the begin of the next (seconds)."""


class CaptureError(ValueError):
    """A capture file that is none: names the file, the line and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A capture file as read: when it began (RFC 3339) and its inputs, each with its `t` in seconds, in order."""

    started_at: str
    inputs: tuple[Mapping[str, object], ...]

    def once(self) -> Iterator[tuple[float, Mapping[str, object]]]:
        """Each input and its time."""
        for each in self.inputs:
            yield float(str(each["t"])), each

    def round_and_round(self) -> Iterator[tuple[float, Mapping[str, object]]]:
        """The inputs again and again, `t` moved on by the recording's length at every round; ends only when empty."""
        shift_s = 0.0
        while self.inputs:
            last_s = 0.0
            for last_s, each in self.once():
                moved_s = round(last_s + shift_s, 3)
                yield moved_s, {**each, "t": moved_s}
            shift_s += last_s + PAUSE_S


def read_recording(path: Path) -> Recording:
    """Read a capture file.

    Raises:
        CaptureError: it is no capture of version 1, or a line is no JSON object with a time.
        OSError: it cannot be opened.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    header = _object(path, 1, lines[0] if lines else "")
    if header.get("format") != "proximity-capture" or header.get("version") != 1 or "started_at" not in header:
        msg = f"{path}: line 1 is not the header of a proximity-capture of version 1 with started_at"
        raise CaptureError(msg)
    inputs = tuple(_object(path, number, line) for number, line in enumerate(lines[1:], start=2))
    for number, each in enumerate(inputs, start=2):
        if not isinstance(each.get("t"), int | float):
            msg = f"{path}: line {number} has no time t in seconds"
            raise CaptureError(msg)
    return Recording(str(header["started_at"]), inputs)


def _object(path: Path, number: int, line: str) -> Mapping[str, object]:
    try:
        value = json.loads(line)
    except ValueError as error:
        msg = f"{path}: line {number} is no JSON: {error}"
        raise CaptureError(msg) from error
    if not isinstance(value, dict):
        msg = f"{path}: line {number} is no JSON object"
        raise CaptureError(msg)
    return value
