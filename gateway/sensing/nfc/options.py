"""An NFC reader's settings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NfcOptions:
    """A `[[sources]]` table of kind `nfc`."""

    receiver: str
    """The receiver's id in the floor plan."""
    reader: str | None = None
    """A part of the reader's name as `pcsc_scan` shows it; None = the first there is."""
    cool_down_s: float = 3.0
    """The same tag counts again once it was away for this long (seconds)."""


def problems(options: NfcOptions) -> list[tuple[str, str, str]]:
    """What is wrong with the options, as (key, problem, hint)."""
    found = []
    if not options.receiver:
        found.append(("receiver", "it is empty", "write the receiver's id in the floor plan"))
    if not 0 <= options.cool_down_s < float("inf"):
        found.append(("cool_down_s", f"{options.cool_down_s} is out of range", "write 0 or more (seconds)"))
    return found
