"""Errors that more than one layer speaks of, and how a fault is spoken of."""

from pathlib import Path
from traceback import extract_tb


class StorageUnavailable(Exception):
    """The disk takes nothing now (full, failing, read-only); what was to be written was left out whole.

    `problem` says what the disk answered, `hint` what a person can do. Trying again later may succeed.
    """

    def __init__(self, problem: str, hint: str) -> None:
        super().__init__(f"{problem}: {hint}")
        self.problem = problem
        self.hint = hint


def place_of(error: Exception) -> str:
    """Where it was raised (`scan.py:120`): all that may be said of a fault, whose message might name a person."""
    last = extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"


def said_of(error: Exception) -> str:
    """What failed, for a log or a page: the message where it is for people, else the place. Of several the first."""
    if isinstance(error, ExceptionGroup):
        return said_of(error.exceptions[0])
    words = words_of(error)
    return words if is_for_people(error) else f"{words} at {place_of(error)}"


def words_of(fault: BaseException) -> str:
    """The type, with the message where that is for people."""
    return f"{type(fault).__name__}: {fault}" if is_for_people(fault) else type(fault).__name__


def is_for_people(fault: BaseException) -> bool:
    """Whether its message was written for people, by us or by the system; any other may quote a person."""
    return isinstance(fault, OSError) or type(fault).__module__.partition(".")[0] == "gateway"
