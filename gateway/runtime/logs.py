"""Logs: one line a fact, keys and values, on stderr; JSON without a time under the journal, which adds its own."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TextIO

import structlog
from structlog.typing import Processor

Level = Literal["debug", "info", "warning", "error"]
LEVELS: dict[Level, int] = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class Loudness:
    """The least level that is written: what the settings say, or for a while another. Lives on the event loop."""

    def __init__(self, level: Level) -> None:
        self._usual: Level = level
        self._back: asyncio.TimerHandle | None = None

    def turn(self, level: Level, seconds: float) -> None:
        """Write from `level` up for so long; a later call replaces this one."""
        if self._back is not None:
            self._back.cancel()
        _write_from(level)
        self._back = asyncio.get_running_loop().call_later(seconds, self._turn_back)

    def settle(self, level: Level) -> None:
        """Write from `level` up for good: now, or when the while is over for which another was asked."""
        self._usual = level
        if self._back is None:
            _write_from(level)

    def _turn_back(self) -> None:
        self._back = None
        _write_from(self._usual)


def _write_from(level: Level) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]))


@dataclass(frozen=True, slots=True)
class LogOptions:
    """The `[logs]` table of the settings."""

    level: Level = "info"
    """The least that is written: `debug` adds the repeats of a trouble that was told once."""


def configure_logs(environ: Mapping[str, str], *, level: Level = "info", stream: TextIO | None = None) -> None:
    """Send the process's log lines to `stream` (stderr), from `level` up; JOURNAL_STREAM: the journal reads."""
    named: list[Processor] = [structlog.processors.add_log_level, structlog.processors.format_exc_info]
    shape: list[Processor]
    if environ.get("JOURNAL_STREAM"):
        shape = [structlog.processors.JSONRenderer()]
    else:
        shape = [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ]
    structlog.configure(
        processors=named + shape,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(file=stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
