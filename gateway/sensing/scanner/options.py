"""A hand scanner's settings."""

import termios
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from gateway.codecs.keyboard import Layout

BAUDS: Final = {
    9600: termios.B9600,
    19200: termios.B19200,
    38400: termios.B38400,
    57600: termios.B57600,
    115200: termios.B115200,
}


@dataclass(frozen=True, slots=True)
class ScannerOptions:
    """A `[[sources]]` table of kind `scanner`."""

    receiver: str
    """The receiver's id in the floor plan."""
    device: Path
    """The scanner's device: `/dev/input/by-id/…-event-kbd`, or `/dev/serial/by-id/…`."""
    interface: Literal["keyboard", "serial"] = "keyboard"
    """How it is set to speak. As a keyboard it is grabbed: what it types reaches no other program."""
    layout: Layout = "us"
    """The keyboard that it is set to type on."""
    baud: int = 9600
    """The speed of a serial line (bits/s)."""
    hands_over: Literal["codes", "passes"] = "codes"
    """`passes`: a reader certified for wallets, set to hand over nothing but passes: what it says is proven."""
    cool_down_s: float = 1.0
    """The same code counts again once it was not read for this long (seconds)."""


def problems(options: ScannerOptions) -> list[tuple[str, str, str]]:
    """What is wrong with the options, as (key, problem, hint)."""
    found = []
    if not options.receiver:
        found.append(("receiver", "it is empty", "write the receiver's id in the floor plan"))
    if options.baud not in BAUDS:
        found.append(("baud", f"{options.baud} is no speed of a scanner", f"write one of {', '.join(map(str, BAUDS))}"))
    if not 0 <= options.cool_down_s < float("inf"):
        found.append(("cool_down_s", f"{options.cool_down_s} is out of range", "write 0 or more (seconds)"))
    return found
