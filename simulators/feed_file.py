"""Batches of feeds in a file, a JSON object a line: `{"feed": "stock", "serial": 8, "rows": […], "base_serial": 7}`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch: all rows of a feed, or what changed since the batch `base_serial`."""

    feed: str
    serial: int
    rows: tuple[Mapping[str, object], ...]
    base_serial: int | None = None


def read_batches(path: Path) -> list[Batch]:
    """The batches of the file at `path`, in order; what they hold is for the gateway to judge.

    Raises:
        OSError: it cannot be read.
        ValueError: a line is no batch; it names the line.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_batch(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _batch(path: Path, number: int, line: str) -> Batch:
    try:
        written: dict[str, Any] = json.loads(line)
        base = written.get("base_serial")
        rows = tuple(dict(row) for row in written["rows"])
        return Batch(str(written["feed"]), int(written["serial"]), rows, None if base is None else int(base))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        form = '{"feed": "stock", "serial": 8, "rows": […]}'
        what = f"this is no batch of a feed ({error!r})"
        msg = f"{path.name}, line {number}: {what}; write {form}, perhaps with base_serial"
        raise ValueError(msg) from error
