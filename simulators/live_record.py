"""A live shop on file, as it happens: what head office received, and where everybody truly was."""

import json
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from gateway.model.time import from_rfc3339
from simulators.box.happenings import Whereabouts
from simulators.box.recording import truth_line

_STARTED: Final = "proximity.gateway.started.v1"


class LiveRecord:
    """Two files in a folder, which is made if missing; each line is there as soon as it is written.

    They go together into `evaluate`: the truth counts from the gateway's start, as the events are judged (wire.md).

    Attributes:
        events: `shop.events.ndjson`: each event once, as it arrived.
        truth: `shop.truth.ndjson`.
        started_utc_s: When the gateway started by its own word (seconds since 1970); None until that event is here.
    """

    def __init__(self, folder: Path) -> None:
        self.events = folder / "shop.events.ndjson"
        self.truth = folder / "shop.truth.ndjson"
        self.started_utc_s: float | None = None
        self._files = ExitStack()
        self._events: IO[str] | None = None
        self._truth: IO[str] | None = None

    def __enter__(self) -> Self:
        """Begin both files anew.

        Raises:
            OSError: the folder or a file cannot be written.
        """
        self.events.parent.mkdir(parents=True, exist_ok=True)
        self._events, self._truth = (
            self._files.enter_context(path.open("w", encoding="utf-8", buffering=1))
            for path in (self.events, self.truth)
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def received(self, message: bytes) -> None:
        """Write an event; until the gateway's start has come, all others are left out, for it has to come first."""
        event = json.loads(message)
        if self.started_utc_s is None and event["type"] == _STARTED:
            self.started_utc_s = from_rfc3339(event["time"])
        if self._events is not None and self.started_utc_s is not None:
            self._events.write(json.dumps(event, separators=(",", ":"), ensure_ascii=False) + "\n")

    def told(self, where: Whereabouts) -> None:
        """Write where somebody is now; before the gateway's start, from which time counts, nothing."""
        if self._truth is not None and self.started_utc_s is not None:
            now = replace(where, t_s=round(time.time() - self.started_utc_s, 3))
            self._truth.write(truth_line(now) + "\n")
