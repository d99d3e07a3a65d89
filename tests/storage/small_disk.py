"""A small disk of a test's own: an ext4 in a file of 8 MiB, on a loop device. Needs root; `largest_file` does not.

Blocks have 4 KiB as on every card: with the 1 KiB that mkfs gives so small a disk, SQLite (3.40) takes only a part of
each page of its shared memory file, and is ended by SIGBUS when it writes the rest on a full disk.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted_disk(directory: Path, size_bytes: int = 8 << 20) -> Iterator["SmallDisk"]:
    """The disk, mounted; skips the test where that is not permitted."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = SmallDisk(directory / "disk.img", directory / "disk")
    disk.image.write_bytes(b"")
    os.truncate(disk.image, size_bytes)
    disk.place.mkdir()
    if not (run("mkfs.ext4", "-q", "-m", "0", "-b", "4096", "-F", str(disk.image)) and disk.mount()):
        pytest.skip("this machine has no mkfs.ext4, or may not mount (a container without CAP_SYS_ADMIN)")
    try:
        yield disk
    finally:
        disk.unmount()


class SmallDisk:
    """`place` is where it is mounted."""

    def __init__(self, image: Path, place: Path) -> None:
        self.image = image
        self.place = place

    def mount(self) -> bool:
        """Whether it worked."""
        return run("mount", "-o", "loop,errors=remount-ro", str(self.image), str(self.place))

    def unmount(self) -> None:
        """Whatever uses it must have let go."""
        assert run("umount", str(self.place))

    def fail(self) -> None:
        """Turn read-only under open files, as ext4 does after an error of the card."""
        assert run("mount", "-o", "remount,abort", str(self.place))

    def fill(self) -> Path:
        """Leave no byte free; remove the file to have them back."""
        ballast = self.place / "ballast"
        with ballast.open("wb") as file:
            for chunk in (1 << 20, 1 << 12, 1):
                while True:
                    try:
                        os.write(file.fileno(), bytes(chunk))
                    except OSError:
                        break
        return ballast


def run(*command: str) -> bool:
    """Whether a command worked."""
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    """Let the kernel refuse what this process writes beyond `size_bytes` of any file: to SQLite an I/O error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
