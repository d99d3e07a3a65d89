"""A Unix socket in the state directory that nobody but its owner can connect to."""

import os
import socket
from pathlib import Path


def bound(path: Path) -> socket.socket:
    """A Unix socket bound to `path`, mode 0600 from its first moment; one that a killed gateway left makes room.

    Raises:
        OSError: a file of another kind is there, or the path cannot be written.
    """
    if path.is_socket():
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
    except OSError:
        listening.close()
        raise
    finally:
        os.umask(before)
    return listening
