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
    """What failed, for a log or a page: the message where somebody wrote one for people, else the place.

    What Python itself raises, but for what the system says (OSError), is a fault of the program and quotes its data; so
    does what pydantic says of a value. Of several the first is told.
    """
    if isinstance(error, ExceptionGroup):
        return said_of(error.exceptions[0])
    quotes = type(error).__module__.partition(".")[0] in {"builtins", "pydantic_core"}
    written = isinstance(error, OSError) or not quotes
    return f"{type(error).__name__}: {error}" if written else f"{type(error).__name__} at {place_of(error)}"
