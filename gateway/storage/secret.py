"""The device secret: 32 bytes that seal what is stored about people, kept beside the state or given by systemd."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from gateway.codecs.hkdf import hkdf
from gateway.runtime.files import make_directory, sync_directory
from gateway.storage.refusals import SecretRefused, hint_to_write

SECRET_BYTES: Final = 32
CREDENTIAL: Final = "device-secret"
OWN_FILE: Final = "device.secret"
DATABASE_FILE: Final = "gateway.db"


def load_secret(directory: Path, environ: Mapping[str, str] = os.environ) -> bytes:
    """The secret of the state in `directory`, made at the first start.

    systemd's credential `device-secret` (systemd.exec(5), LoadCredential=) is taken when there is one, else the file
    `device.secret`, readable by its owner alone.

    Raises:
        SecretRefused: it is open to others, of the wrong length, unreadable, or missing beside an existing database.
    """
    path = _credential(environ) or directory / OWN_FILE
    if _is_first_start(path, directory):
        _create(path)
    return _read(path, private=path.parent == directory)


def find_secret(directory: Path, environ: Mapping[str, str] = os.environ) -> bytes:
    """Like `load_secret`, for commands that look: makes nothing.

    Raises:
        SecretRefused: as for `load_secret`, and where there is no secret.
    """
    path = _credential(environ) or directory / OWN_FILE
    return _read(path, private=path.parent == directory)


def derive(secret: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HKDF-SHA256, RFC 5869), so that no two uses share a key."""
    return hkdf(secret, b"proximity-gateway/" + purpose.encode(), SECRET_BYTES)


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """Keys of this device's own, each of 32 bytes: of events' ids, of web sessions, of what is kept of members."""

    ids: bytes = field(repr=False)
    sessions: bytes = field(repr=False)
    members: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> "OwnKeys":
        """The keys that belong to a device secret."""
        return cls(*(derive(secret, each.name) for each in fields(cls)))


def _credential(environ: Mapping[str, str]) -> Path | None:
    directory = environ.get("CREDENTIALS_DIRECTORY")
    if not directory:
        return None
    path = Path(directory) / CREDENTIAL
    return path if path.exists() else None


def _is_first_start(path: Path, directory: Path) -> bool:
    """Whether there is neither a secret nor anything sealed with one."""
    try:
        return not path.exists() and not (directory / DATABASE_FILE).exists()
    except OSError:
        return False


def _create(path: Path) -> None:
    """Write a new secret so that the file is there whole or not at all, and never replaces another."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        make_directory(path.parent)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        sync_directory(path.parent)
    except OSError as error:
        raise SecretRefused(path, f"cannot be made ({error.strerror})", hint_to_write(error)) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _read(path: Path, *, private: bool) -> bytes:
    try:
        mode = path.stat().st_mode
        secret = path.read_bytes()
    except FileNotFoundError as error:
        raise SecretRefused(
            path,
            "the device secret is missing",
            f"put the one that the state was sealed with back, or give it as the credential {CREDENTIAL}",
        ) from error
    except OSError as error:
        hint = "run as the gateway's user"
        raise SecretRefused(path, f"the device secret cannot be read ({error.strerror})", hint) from error
    if private and mode & 0o077:
        problem = f"the device secret is open to others (mode {mode & 0o777:04o})"
        raise SecretRefused(path, problem, "chmod 600 the file; whoever else read it can open what is stored")
    if len(secret) != SECRET_BYTES:
        problem = f"the device secret has {len(secret)} bytes instead of {SECRET_BYTES}"
        raise SecretRefused(path, problem, "put the whole secret back")
    return secret
