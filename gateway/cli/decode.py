"""`decode`: what Bluetooth advertisements hold."""

from typing import Annotated, Final

import typer

from gateway.cli.inputs import HexInput, each_in_hex
from gateway.codecs.adverts import decode_payload, frame_fields

MAX_PAYLOAD_BYTES: Final = 255


def decode(
    payloads: Annotated[
        list[str] | None,
        typer.Argument(metavar="HEX", help="Advertising payloads in hex; from stdin, one a line, if none is given."),
    ] = None,
) -> None:
    """Decode advertising payloads: a JSON object a line with the frames found.

    Exit status: 0 all well formed, 1 one or more malformed (`problem`), 2 an input is no payload in hex.
    """
    raise typer.Exit(
        each_in_hex(payloads, HexInput("an advertisement", MAX_PAYLOAD_BYTES, "0201061aff4c000215…"), line_of)
    )


def line_of(payload: bytes) -> dict[str, object]:
    """What `decode` prints for one payload: the payload, its frames, and its `problem` where it is malformed."""
    decoded = decode_payload(payload)
    line: dict[str, object] = {"payload": payload.hex(), "frames": [frame_fields(frame) for frame in decoded.frames]}
    return line if decoded.problem is None else line | {"problem": decoded.problem}
