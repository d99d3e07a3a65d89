"""What the radio itself keeps from the host: its filter of duplicates."""

from dataclasses import dataclass
from typing import Final, Literal

RESTART_S: Final = 10.24
"""The kernel restarts an active scan this often (seconds), and the radio's memory of duplicates with it."""


@dataclass(frozen=True, slots=True)
class Controller:
    """A Bluetooth radio. Real ones differ in how they take "filter duplicates", so it is a choice.

    Attributes:
        duplicates: `by_address` reports a transmitter once a scan whatever it sends, as many dongles do;
            `by_payload` reports it again when its payload changes; `all` ignores the flag.
        dual_mode: Whether it also speaks BR/EDR.
        peripheral: Whether others can connect to it.
    """

    duplicates: Literal["all", "by_address", "by_payload"] = "by_address"
    dual_mode: bool = False
    peripheral: bool = True


class DuplicateFilter:
    """What one radio remembers of the running scan."""

    def __init__(self, controller: Controller) -> None:
        self._duplicates = controller.duplicates
        self._since_s = 0.0
        self._seen: set[tuple[str, bytes]] = set()

    def begin(self, mono_s: float) -> None:
        """A scan starts at this monotonic time."""
        self._since_s = mono_s
        self._seen.clear()

    def passes(self, address: str, payload: bytes, mono_s: float) -> bool:
        """Whether the radio reports this packet to the host."""
        if self._duplicates == "all":
            return True
        if mono_s - self._since_s >= RESTART_S:
            self.begin(mono_s - (mono_s - self._since_s) % RESTART_S)
        key = (address, payload if self._duplicates == "by_payload" else b"")
        if key in self._seen:
            return False
        self._seen.add(key)
        return True
