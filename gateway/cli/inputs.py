"""What the commands that take one input and print one line are given: arguments, or the lines of stdin."""

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Final

_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})*", re.ASCII)
_SHOWN_CHARS: Final = 40


def inputs(arguments: Iterable[str] | None, *, strip: bool = False) -> Iterator[tuple[str, str]]:
    """Each input with its place, as a person would look for it; a line of stdin without the end of its line.

    `strip`: without white space around it either.
    """
    if arguments:
        yield from ((f"argument {number}", text) for number, text in enumerate(arguments, 1))
        return
    for number, line in enumerate(sys.stdin.buffer, 1):
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        yield f"line {number}", text.strip() if strip else text


def hex_refusal(text: str, max_bytes: int, *, what: str, example: str) -> str | None:
    """Why `text` is not up to `max_bytes` in hex and what to write instead; None if it is."""
    shown = repr(text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…")
    if _HEX.fullmatch(text) is None:
        digits = "has an odd number of hex digits" if _HEX.fullmatch(text + "0") else "is not hex"
        return f"{shown} {digits}: write two hex digits a byte and nothing else, as in {example}"
    if len(text) > 2 * max_bytes:
        return f"{shown} is {len(text) // 2} bytes long: {what} holds at most {max_bytes}, write one at a time"
    return None
