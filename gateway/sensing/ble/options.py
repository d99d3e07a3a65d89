"""A Bluetooth receiver's settings."""

import re
from dataclasses import dataclass
from typing import Final

ADAPTER: Final = re.compile(r"hci\d+|[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
SHORTEST_SILENCE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class BleOptions:
    """A `[[sources]]` table of kind `ble`."""

    receiver: str
    """The receiver's id in the floor plan."""
    adapter: str | None = None
    """The adapter by name (`hci0`) or by its own address, which stays the same when names change; None = the first
    one that is switched on."""
    silence_s: float = 30.0
    """A receiver that heard something before and then nothing for this long is taken for deaf and started anew
    (seconds); sooner where packets were dense."""
    guests: bool = False
    """Count strangers' phones too, in memory alone. Off until whoever runs the shop has a legal basis for it."""
    devices: bool = False
    """Hand on packets that only their address tells, so that assets of the devices document are followed."""


def problems(options: BleOptions) -> list[tuple[str, str, str]]:
    """What is wrong with the options, as (key, problem, hint)."""
    found = []
    if not options.receiver:
        found.append(("receiver", "it is empty", "write the receiver's id in the floor plan"))
    if options.adapter is not None and not ADAPTER.fullmatch(options.adapter):
        hint = 'write "hci0", or the address that `bluetoothctl list` shows'
        found.append(("adapter", f"{options.adapter!r} is no adapter", hint))
    if not SHORTEST_SILENCE_S <= options.silence_s < float("inf"):
        problem = f"{options.silence_s} is out of range"
        found.append(("silence_s", problem, f"write {SHORTEST_SILENCE_S:g} or more (seconds)"))
    return found
