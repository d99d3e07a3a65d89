"""Why the store cannot be used: told as what, where, why and what to do."""

import errno
import os
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


class DiskFull(Unreadable):
    """There is no room for what even reading takes. The writer frees its reserve first, and may well get on."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "the disk is full", "free room on the disk that holds the state directory")


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


class Damaged(Unreadable):
    """The database is a gateway's, and parts of it are lost: the next start sets it aside and saves the rest."""

    def __init__(self, path: Path, verdict: str) -> None:
        hint = "the gateway sets it aside at its next start and carries over what can be read; replace the card"
        super().__init__(path, f"is damaged ({verdict})", hint)
        self.verdict = verdict


class Corrupted(Exception):
    """What is stored contradicts itself or no longer opens: the process must end, and its next start saves the rest."""


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
_WANTS_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
_OPENING_BYTES = 64 << 10
"""What SQLite may want on the disk to open a database: the memory that its processes share, and an empty log."""
_MAGIC = b"SQLite format 3\0"
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def refusal_of(error: sqlite3.Error) -> Exception:
    """What a failed read or write means: `StorageUnavailable` (try again), `Corrupted` (end), else itself (a fault)."""
    code = primary_code(error)
    if code in _TAKES_NOTHING:
        return StorageUnavailable(str(error), _TAKES_NOTHING[code])
    if code in _DAMAGED or code == sqlite3.SQLITE_CONSTRAINT:
        return Corrupted(f"{error}: the next start sets the database aside and carries over what can be read")
    return error


def refusal_of_open(path: Path, error: sqlite3.Error) -> Unreadable:
    """What a database that does not open means."""
    if is_damage(error):
        if looks_like_a_database(path):
            return Damaged(path, str(error))
        return Unreadable(path, str(error), "move the file away and restore a backup, or start anew without it")
    if primary_code(error) in _WANTS_ROOM and _free_bytes(path.parent) < _OPENING_BYTES:
        return DiskFull(path)
    hint = _TAKES_NOTHING.get(primary_code(error), "see that the file is a database of this gateway")
    return Unreadable(path, str(error), f"{hint}, and run as the gateway's user")


def _free_bytes(directory: Path) -> int:
    disk = os.statvfs(directory)
    return disk.f_bavail * disk.f_frsize


def hint_to_write(error: OSError) -> str:
    """What to do where a file of the state cannot be made or written."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "free room on the disk that holds the state directory"
        case errno.EROFS:
            return "remount the disk writable"
        case _:
            return "give the state directory to the gateway's user"


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that what it read is not what was written."""
    return primary_code(error) in _DAMAGED


def looks_like_a_database(path: Path) -> bool:
    """Whether the file begins as every SQLite database does (sqlite.org/fileformat.html 1.3), or with a lost page.

    A card gives a page that it lost as zeros, and no program writes a file that begins so. Whatever begins otherwise
    was never a database: it is somebody's file, and is left alone.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(len(_MAGIC))
    except OSError:
        return False
    return beginning in {_MAGIC, bytes(len(_MAGIC))}


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code (sqlite.org/rescode.html); -1 where the error came from Python's side."""
    code: int = getattr(error, "sqlite_errorcode", -1)
    return code & 0xFF if code >= 0 else -1
