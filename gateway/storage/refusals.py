"""Why the store cannot be used: told as what, where, why and what to do."""

import sqlite3
from pathlib import Path

from gateway.runtime.errors import StorageUnavailable


class Unreadable(Exception):
    """The stored state at `path` cannot be opened; nothing was changed. `hint` says what to do."""

    def __init__(self, path: Path, problem: str, hint: str) -> None:
        super().__init__(f"{path}: {problem}; {hint}")
        self.path = path
        self.problem = problem
        self.hint = hint


class SchemaTooNew(Unreadable):
    """The database needs code of version `min_code`, and this code is older."""

    def __init__(self, path: Path, min_code: int, code: int) -> None:
        super().__init__(
            path,
            f"the database needs storage code {min_code}, this gateway has {code}",
            "install the newer gateway again, or restore a backup made by this one",
        )
        self.min_code = min_code
        self.code = code


class SecretRefused(Unreadable):
    """The device secret is missing, open to others, of the wrong length, or not the one the state is sealed with."""


class Corrupted(Exception):
    """What is stored contradicts itself or no longer opens: the process must end, an operator must look."""


_TAKES_NOTHING = {
    sqlite3.SQLITE_FULL: "free room on the disk that holds the state directory",
    sqlite3.SQLITE_IOERR: "look for disk errors in the kernel's log, replace the card if there are any",
    sqlite3.SQLITE_READONLY: "remount the disk writable and give the state directory to the gateway's user",
    sqlite3.SQLITE_CANTOPEN: "see that the state directory exists and belongs to the gateway's user",
    sqlite3.SQLITE_PERM: "give the state directory to the gateway's user",
    sqlite3.SQLITE_BUSY: "see that nothing else writes to the database",
    sqlite3.SQLITE_LOCKED: "see that nothing else writes to the database",
    sqlite3.SQLITE_NOMEM: "free memory",
}
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def refusal_of(error: sqlite3.Error) -> Exception:
    """What a failed read or write means: `StorageUnavailable` (try again), `Corrupted` (end), else itself (a fault)."""
    code = primary_code(error)
    if code in _TAKES_NOTHING:
        return StorageUnavailable(str(error), _TAKES_NOTHING[code])
    if code in _DAMAGED or code == sqlite3.SQLITE_CONSTRAINT:
        return Corrupted(f"{error}: stop the gateway and restore its state from a backup")
    return error


def refusal_of_open(path: Path, error: sqlite3.Error) -> Unreadable:
    """What a database that does not open means."""
    if primary_code(error) in _DAMAGED:
        return Unreadable(path, str(error), "move the file away and restore a backup, or start anew without it")
    hint = _TAKES_NOTHING.get(primary_code(error), "see that the file is a database of this gateway")
    return Unreadable(path, str(error), f"{hint}, and run as the gateway's user")


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code (sqlite.org/rescode.html); -1 where the error came from Python's side."""
    code: int = getattr(error, "sqlite_errorcode", -1)
    return code & 0xFF if code >= 0 else -1
