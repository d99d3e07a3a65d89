"""Room kept aside: deleting rows of a full disk takes room itself, since every change goes through the log first."""

import os
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 10 << 20
"""More than the longest log: whatever it holds fits into the database, which then lets go of it."""
SHARE: Final = 4
"""A small disk gives no more than this part of its room (one in four)."""


class Reserve:
    """A file that is there to be given up."""

    def __init__(self, path: Path) -> None:
        """Free the room of an earlier life, and see how much there is to take."""
        self._path = path
        self.release()
        self.size: Final = min(MOST_BYTES, self.room() // SHARE)
        """Bytes to hold."""

    def room(self) -> int:
        """Bytes free on the disk beside what is held."""
        disk = os.statvfs(self._path.parent)
        return disk.f_bavail * disk.f_frsize

    def hold(self) -> bool:
        """Take the room if the disk has it; False leaves nothing behind."""
        if not self.size:
            return False
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self.size)
            finally:
                os.close(descriptor)
        except OSError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the room up."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return
