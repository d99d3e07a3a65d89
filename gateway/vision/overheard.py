"""Why a stream cannot be opened: ffmpeg tells its log alone, and names the address, so it is overheard and reworded."""

import ctypes
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

MOST_BYTES: Final = 16_384
"""What is read of a log."""
UNEXPLAINED: Final = "", "the stream gives no video"

_WORDS: Final = (
    (
        r"\b(failed:|error) (401|403)\b",
        "password",
        "it wants another name and password: write them in the address, name:password@",
    ),
    (r"\b(failed:|error) 404\b", "path", "it has no stream of that path: its own page or manual says which it has"),
    (r"\b(failed:|error) 5\d\d\b", "out_of_order", "it says that it is out of order: start it again"),
    (r"Connection refused", "refused", "nothing listens there: is it started, and is the port right?"),
    (r"Failed to resolve", "name", "nobody knows its name: is it written right, and does this network know it?"),
    (r"No route to host|unreachable", "no_way", "no way leads there: is it in this network?"),
    (r"timed out|Immediate exit", "silent", "it does not answer: is it switched on, and in this network?"),
)


@contextmanager
def overheard() -> Iterator[Callable[[], str]]:
    """What libraries print within the block, as a function to be called after it; it is shown nowhere."""
    flush = ctypes.CDLL(None).fflush
    flush(None)
    kept, log = os.dup(1), os.memfd_create("ffmpeg")
    os.dup2(log, 1)
    said = b""
    try:
        yield lambda: said.decode("utf-8", "replace")
    finally:
        flush(None)
        os.dup2(kept, 1)
        said = os.pread(log, MOST_BYTES, 0)
        os.close(kept)
        os.close(log)


def in_words(said: str) -> tuple[str, str]:
    """Why a stream gives no video, in a word and in a sentence without its address, by what ffmpeg `said`."""
    return next(((case, words) for pattern, case, words in _WORDS if re.search(pattern, said)), UNEXPLAINED)
