"""Files that are there whole or not at all, even after a power cut; and what is there that this user may see."""

import os
from pathlib import Path
from stat import S_IFMT


def kind_of(path: Path) -> int:
    """What kind of file is at `path` (`S_IFREG`, `S_IFDIR`, …); 0 where there is none that this user may see.

    Unlike `Path.exists` and its like it takes a folder that may not be looked into for one without the file.
    """
    try:
        return S_IFMT(path.stat().st_mode)
    except OSError:
        return 0


def make_directory(directory: Path) -> None:
    """Make a directory, and those above it, open to its owner alone; one that exists is left as it is."""
    missing = [place for place in (directory, *directory.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=0o700, exist_ok=True)
        sync_directory(place.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Give `path` this content (mode 0600): a reader, or a start after a power cut, finds the old one or the new one.

    One writer a path: two at once would share the draft.

    Raises:
        OSError: the disk did not take it; the old content is untouched.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
