"""A damage that was found while the gateway ran: noted for its next start, which looks less closely."""

from pathlib import Path
from typing import Final

from gateway.runtime.files import replace_file

SUSPICION_FILE: Final = "gateway.db.suspect"


def suspect(directory: Path, verdict: str) -> None:
    """Let the next start set the database aside.

    Raises:
        OSError: the disk did not take the note.
    """
    replace_file(directory / SUSPICION_FILE, verdict.encode())


def suspected(directory: Path) -> str | None:
    """What was found; None: nothing."""
    try:
        return (directory / SUSPICION_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
