"""The swap: a salvaged database takes the damaged one's place, wherever a power cut comes between."""

import os
import time
from pathlib import Path
from typing import Final

from gateway.runtime.files import sync_directory
from gateway.storage.room import RESERVE_FILE
from gateway.storage.secret import DATABASE_FILE
from gateway.storage.suspicion import SUSPICION_FILE

DRAFT_FILE: Final = "gateway.db.draft"
SALVAGED_FILE: Final = "gateway.db.salvaged"
ASIDE: Final = "gateway.damaged-*.db"
"""Databases set aside, until what they hold is too old (`drop_aside`)."""


class Swap:
    """One swap. The new database is written as `draft`; `commit` is the moment from which there is no way back."""

    def __init__(self, directory: Path, now_utc_s: float) -> None:
        self._directory = directory
        self._now_utc_s = now_utc_s
        self.draft = directory / DRAFT_FILE
        self.aside = _aside(directory, now_utc_s)
        """Where the damaged one will be."""

    def clear(self) -> None:
        """Begin with an empty draft, open to its owner alone, and with what room there is."""
        for suffix in ("", "-wal", "-shm"):
            self.draft.with_name(DRAFT_FILE + suffix).unlink(missing_ok=True)
        (self._directory / RESERVE_FILE).unlink(missing_ok=True)
        os.close(os.open(self.draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def commit(self) -> None:
        """The draft is whole and closed: from now on it is the database."""
        os.utime(self.draft, (self._now_utc_s, self._now_utc_s))
        self.draft.replace(self._directory / SALVAGED_FILE)
        sync_directory(self._directory)
        finish_swap(self._directory)


def finish_swap(directory: Path) -> None:
    """Set the damaged database aside and put the salvaged one in its place, if there is one; at a start too.

    The salvaged one's own time names the other, so that a second attempt gives the rest of its files the same name.
    """
    salvaged = directory / SALVAGED_FILE
    if not salvaged.exists():
        return
    aside = _aside(directory, salvaged.stat().st_mtime)
    for suffix in ("", "-wal"):
        old = directory / (DATABASE_FILE + suffix)
        if old.exists():
            old.replace(aside.with_name(aside.name + suffix))
    (directory / f"{DATABASE_FILE}-shm").unlink(missing_ok=True)
    (directory / SUSPICION_FILE).unlink(missing_ok=True)
    sync_directory(directory)
    salvaged.replace(directory / DATABASE_FILE)
    sync_directory(directory)


def drop_aside(directory: Path, before_utc_s: float) -> list[str]:
    """Delete the databases set aside that were written last before then; their names.

    They hold keys of their days: while they are there, what was forgotten since is readable to who has the secret.
    """
    dropped = []
    for place in sorted(directory.glob(ASIDE)):
        log = place.with_name(f"{place.name}-wal")
        if max(each.stat().st_mtime for each in (place, log) if each.exists()) < before_utc_s:
            log.unlink(missing_ok=True)
            place.unlink()
            dropped.append(place.name)
    return dropped


def _aside(directory: Path, utc_s: float) -> Path:
    return directory / ASIDE.replace("*", time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(utc_s)))
