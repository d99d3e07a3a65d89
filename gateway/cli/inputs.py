"""What the commands that take one input and print one line are given: arguments, or the lines of stdin."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class HexInput:
    """What a command takes: `what` of up to `max_bytes`, written as in `example`."""

    what: str
    max_bytes: int
    example: str


def each_in_hex(
    arguments: Iterable[str] | None, wanted: HexInput, line_of: Callable[[bytes], dict[str, object]]
) -> int:
    """Print `line_of` each input as a JSON object a line, and what is wrong with those that are no hex on stderr.

    The exit status: 0 all well, 1 a line has a `problem`, 2 an input is not what is wanted.
    """
    status = 0
    for place, text in inputs(arguments, strip=True):
        refusal = _refusal(text, wanted)
        if refusal:
            print(f"{place}: {refusal}", file=sys.stderr)
            status = 2
            continue
        line = line_of(bytes.fromhex(text))
        print(json.dumps(line))
        status = max(status, int("problem" in line))
    return status


def _refusal(text: str, wanted: HexInput) -> str | None:
    """Why `text` is not what is wanted and what to write instead; None if it is."""
    shown = repr(text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…")
    if _HEX.fullmatch(text) is None:
        digits = "has an odd number of hex digits" if _HEX.fullmatch(text + "0") else "is not hex"
        return f"{shown} {digits}: write two hex digits a byte and nothing else, as in {wanted.example}"
    if len(text) > 2 * wanted.max_bytes:
        size = len(text) // 2
        most = f"{wanted.what} holds at most {wanted.max_bytes}"
        return f"{shown} is {size} bytes long: {most}, write one at a time"
    return None
