"""Wipe: the device forgets everything. Its secret is overwritten first: what was sealed with it opens nowhere again."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.runtime.files import sync_directory
from gateway.storage.lock import sole_writer
from gateway.storage.refusals import Unreadable
from gateway.storage.secret import CREDENTIAL, OWN_FILE


@dataclass(frozen=True, slots=True)
class Wiped:
    """What went: so many files and bytes; `device_key` is None where there was none.

    A `credential` of systemd is not the gateway's to overwrite: whoever gave it must delete it.
    """

    files: int
    bytes: int
    device_key: Literal["overwritten", "credential"] | None


def wipe(directory: Path, environ: Mapping[str, str] = os.environ) -> Wiped:
    """Overwrite the device secret in `directory`, then remove all that is in it.

    The secret is on the disk as noise before the first file goes, so that a power cut midway leaves nothing readable.

    Raises:
        Unreadable: a gateway runs on it, it is not there, or it may not be written.
    """
    with sole_writer(directory):
        try:
            secret = _overwrite(directory / OWN_FILE)
            files = sorted(path for path in directory.rglob("*") if path.is_file() or path.is_symlink())
            size = sum(path.lstat().st_size for path in files)
            for path in files:
                path.unlink()
            for path in sorted((each for each in directory.rglob("*") if each.is_dir()), reverse=True):
                path.rmdir()
            sync_directory(directory)
        except OSError as error:
            hint = "run as the gateway's user, and again: a wipe goes on where it was cut off"
            raise Unreadable(directory, f"cannot be wiped ({error.strerror})", hint) from error
    given = environ.get("CREDENTIALS_DIRECTORY")
    if given and (Path(given) / CREDENTIAL).exists():
        return Wiped(len(files), size, "credential")
    return Wiped(len(files), size, "overwritten" if secret else None)


def _overwrite(path: Path) -> bool:
    """Whether there was a file, which is noise now."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        length = os.fstat(descriptor).st_size
        os.write(descriptor, os.urandom(length))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return True
