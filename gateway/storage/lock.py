"""One gateway a state directory: a second writer would give sequences twice."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.storage.refusals import Unreadable


@contextmanager
def sole_writer(directory: Path) -> Iterator[None]:
    """Hold the lock (flock(2)) on the directory itself; the kernel lets go of it however the process ends.

    Raises:
        Unreadable: another process holds it, or the directory cannot be opened.
    """
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Unreadable(directory, f"cannot be opened ({error.strerror})", "run as the gateway's user") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            hint = "stop it first, or give this one a state directory of its own"
            raise Unreadable(directory, "another gateway runs on this state", hint) from error
        yield
    finally:
        os.close(descriptor)
