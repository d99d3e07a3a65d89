"""Room kept aside: deleting rows of a full disk takes room itself, since every change goes through the log first."""

import os
from pathlib import Path
from typing import Final

RESERVE_BYTES: Final = 4 << 20
"""More than the log that one eviction writes."""


class Reserve:
    """A file of `size` bytes that is there to be given up."""

    def __init__(self, path: Path, size: int = RESERVE_BYTES) -> None:
        self._path = path
        self._size = size

    def hold(self) -> bool:
        """Take the room if the disk has it; False leaves nothing behind."""
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
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
