"""Failed attempts to show a credential or a code: after some, an address has to wait, longer each time."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

FREE: Final = 10
"""Failures that cost nothing: somebody misreads a code."""
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 900.0
FORGET_AFTER_S: Final = 3600.0
"""An address that did not fail for this long starts anew (seconds)."""


class Attempts:
    """Counts failures by address. Of more than `capacity` addresses the one that failed longest ago is forgotten."""

    def __init__(self, clock: Callable[[], float], capacity: int = 10_000) -> None:
        self._clock = clock
        self._capacity = capacity
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failed)

    def wait_s(self, address: str) -> float:
        """How long nothing more of this address is looked at (seconds); 0.0 = try."""
        failures, last_s = self._failed.get(address, (0, 0.0))
        if failures <= FREE:
            return 0.0
        pause_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures - FREE - 1, 20))
        return max(0.0, last_s + pause_s - self._clock())

    def failed(self, address: str) -> None:
        """One more failure."""
        now_s = self._clock()
        failures, last_s = self._failed.pop(address, (0, now_s))
        self._failed[address] = (1 if now_s - last_s > FORGET_AFTER_S else failures + 1, now_s)
        if len(self._failed) > self._capacity:
            self._failed.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """It knew a secret: its failures are forgiven."""
        self._failed.pop(address, None)
