"""`decode`: what Bluetooth advertisements hold."""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, Final

import typer

from gateway.codecs.adverts import decode_payload, frame_fields

MAX_PAYLOAD_BYTES: Final = 255

_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})*", re.ASCII)
_SHOWN_CHARS: Final = 40


def decode(
    payloads: Annotated[
        list[str] | None,
        typer.Argument(metavar="HEX", help="Advertising payloads in hex; from stdin, one a line, if none is given."),
    ] = None,
) -> None:
    """Decode advertising payloads: a JSON object a line with the frames found.

    Exit status: 0 all well formed, 1 one or more malformed (`problem`), 2 an input is no payload in hex.
    """
    status = 0
    for place, text in _inputs(payloads):
        refusal = _refusal(text)
        if refusal:
            print(f"{place}: {refusal}", file=sys.stderr)
            status = 2
            continue
        decoded = line_of(bytes.fromhex(text))
        print(json.dumps(decoded))
        status = max(status, int("problem" in decoded))
    raise typer.Exit(status)


def line_of(payload: bytes) -> dict[str, object]:
    """What `decode` prints for one payload: the payload, its frames, and its `problem` where it is malformed."""
    decoded = decode_payload(payload)
    line: dict[str, object] = {"payload": payload.hex(), "frames": [frame_fields(frame) for frame in decoded.frames]}
    return line if decoded.problem is None else line | {"problem": decoded.problem}


def _inputs(arguments: Iterable[str] | None) -> Iterator[tuple[str, str]]:
    """Each input with its place, as a person would look for it."""
    if arguments:
        yield from ((f"argument {number}", text) for number, text in enumerate(arguments, 1))
        return
    for number, line in enumerate(sys.stdin.buffer, 1):
        yield f"line {number}", line.decode("ascii", "replace").strip()


def _refusal(text: str) -> str | None:
    """Why `text` is no payload and what to write instead; None if it is one."""
    shown = repr(text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…")
    if _HEX.fullmatch(text) is None:
        digits = "has an odd number of hex digits" if _HEX.fullmatch(text + "0") else "is not hex"
        return f"{shown} {digits}: write two hex digits a byte and nothing else, as in 0201061aff4c000215…"
    if len(text) > 2 * MAX_PAYLOAD_BYTES:
        size = len(text) // 2
        return f"{shown} is {size} bytes long: an advertisement holds at most {MAX_PAYLOAD_BYTES}, write one at a time"
    return None
