"""Logs: one line a fact, keys and values, on stderr; JSON without a time under the journal, which adds its own."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TextIO

import structlog
from structlog.typing import Processor

Level = Literal["debug", "info", "warning", "error"]
LEVELS: dict[Level, int] = {"debug": 10, "info": 20, "warning": 30, "error": 40}


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
