"""The settings of check-ins by connection."""

from dataclasses import dataclass
from typing import Final

from gateway.sensing.ble.options import ADAPTER

SHORTEST_CHALLENGE_S: Final = 1.0
LONGEST_CHALLENGE_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class CheckInOptions:
    """A `[[sources]]` table of kind `checkin`."""

    receiver: str
    """The receiver's id in the floor plan: who connects to it is in its zone."""
    adapter: str | None = None
    """The adapter by name (`hci0`) or by its own address; None = the first one that is switched on."""
    challenge_s: float = 60.0
    """How long a phone may take from reading its challenge to writing the check-in (seconds)."""


def problems(options: CheckInOptions) -> list[tuple[str, str, str]]:
    """What is wrong with the options, as (key, problem, hint)."""
    found = []
    if not options.receiver:
        found.append(("receiver", "it is empty", "write the receiver's id in the floor plan"))
    if options.adapter is not None and not ADAPTER.fullmatch(options.adapter):
        hint = 'write "hci0", or the address that `bluetoothctl list` shows'
        found.append(("adapter", f"{options.adapter!r} is no adapter", hint))
    if not SHORTEST_CHALLENGE_S <= options.challenge_s <= LONGEST_CHALLENGE_S:
        hint = f"write {SHORTEST_CHALLENGE_S:g} to {LONGEST_CHALLENGE_S:g} (seconds)"
        found.append(("challenge_s", f"{options.challenge_s} is out of range", hint))
    return found
