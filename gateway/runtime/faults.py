"""Faults, and what libraries say, as they may be logged: the kind and the place. A message might quote a person."""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import TYPE_CHECKING

import structlog

from gateway.runtime.errors import words_of

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_log = structlog.get_logger("fault")


def log_fault(fault: BaseException, event: str = "fault") -> None:
    """One line a fault, one for each of a group: what may be said of it, and the way that it came, outermost first."""
    for each in _alone(fault):
        _log.error(event, error=words_of(each), way=_way(each.__traceback__))


def log_foreign_faults() -> None:
    """From now on, what libraries, threads and tasks that nobody awaits would write past the log goes through it."""
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
    threading.excepthook = _of_thread
    sys.unraisablehook = _of_nobody


class _Libraries(logging.Handler):
    """Takes what a library, asyncio among them, says by the standard library's way of logging."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log that it was said, by whom and where, and of which fault; without the words."""
        place = f"{Path(record.pathname).name}:{record.lineno}"
        level = min(record.levelno // 10 * 10, logging.CRITICAL)  # a library's own level is the one below it here
        _log.log(level, "library_said", library=record.name, place=place)
        if record.exc_info and record.exc_info[1] is not None:
            log_fault(record.exc_info[1], "library_fault")


def _of_thread(hook: threading.ExceptHookArgs) -> None:
    if hook.exc_value is not None:
        log_fault(hook.exc_value, "thread_fault")


def _of_nobody(hook: "UnraisableHookArgs") -> None:
    if hook.exc_value is not None:
        log_fault(hook.exc_value, "unraisable_fault")


def _alone(fault: BaseException) -> Iterator[BaseException]:
    if isinstance(fault, BaseExceptionGroup):
        for each in fault.exceptions:
            yield from _alone(each)
    else:
        yield fault


def _way(trace: TracebackType | None) -> str:
    frames = extract_tb(trace)
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
