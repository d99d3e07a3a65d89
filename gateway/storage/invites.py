"""One-time codes for people at a screen: made by a command, taken once by the running gateway, kept only as hashes."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.files import make_directory, replace_file, sync_directory

ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Letters and digits that nobody takes for one another."""
GROUPS: Final = 3
GROUP: Final = 4


class Invites:
    """The codes under `invites/` of the state directory: a file each (mode 0600), named by the code's SHA-256.

    A code has 58 random bits, so that its hash does not give it away before it expires.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory / "invites"

    def make(self, scope: str, until_utc_s: float, now_utc_s: float) -> str:
        """A new code for `scope`, good until then (seconds since 1970), as a person reads it: `K7QM-2XPA-9RTD`.

        Codes that are too old go on this occasion.

        Raises:
            StorageUnavailable: the disk did not take it.
        """
        groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
        code = "-".join(groups)
        path = self._path(code)
        try:
            with _as_owner_of(self._directory.parent):
                make_directory(self._directory)
                self._drop_old(now_utc_s)
                replace_file(path, json.dumps({"scope": scope, "until_utc_s": until_utc_s}).encode())
        except OSError as error:
            problem = f"the code could not be kept ({error.strerror})"
            raise StorageUnavailable(problem, "run it as the gateway's user, and see that the disk has room") from error
        return code

    def take(self, code: str, now_utc_s: float) -> str | None:
        """The scope that `code` gives, once: whoever asks again, or too late, gets None."""
        path = self._path(code)
        try:
            scope, until_utc_s = _read(path)
            path.unlink()
            sync_directory(self._directory)
        except (OSError, ValueError):
            return None
        return scope if now_utc_s < until_utc_s else None

    def _drop_old(self, now_utc_s: float) -> None:
        for path in list(self._directory.iterdir()):
            with suppress(OSError, ValueError):
                if _read(path)[1] <= now_utc_s:
                    path.unlink()

    def _path(self, code: str) -> Path:
        plain = "".join(letter for letter in code.upper() if letter in ALPHABET)
        return self._directory / sha256(plain.encode()).hexdigest()


@contextmanager
def _as_owner_of(directory: Path) -> Iterator[None]:
    """Give root's rights up while in a directory of another account: links of its making lead root nowhere.

    Where there is no directory yet, the nearest above it counts.
    """
    owner = next(each for each in (directory, *directory.parents) if each.exists()).stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        yield
        return
    group, groups = os.getegid(), os.getgroups()
    os.setgroups([])
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def _read(path: Path) -> tuple[str, float]:
    """Scope and end of a code; raises ValueError for what is none."""
    kept = json.loads(path.read_bytes())
    return str(kept["scope"]), float(kept["until_utc_s"])
