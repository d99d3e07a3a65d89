"""Transmitters that say nothing of whom they are, told of seldom: they are counted, not followed."""

from typing import Final

TOLD_EVERY_S: Final = 5.0
"""One transmitter is handed on once in this time (seconds)."""
MOST_KNOWN: Final = 4096
"""Transmitters that are remembered; the one met first makes room, and would be told of again."""


class Strangers:
    """Who was told of lately, by address."""

    def __init__(self) -> None:
        self._told_s: dict[str, float] = {}

    def is_due(self, address: str, mono_s: float) -> bool:
        """Whether this transmitter is to be told of at `mono_s` (monotonic s); then it is not for a while."""
        told_s = self._told_s.get(address)
        if told_s is not None and mono_s - told_s < TOLD_EVERY_S:
            return False
        if told_s is None and len(self._told_s) >= MOST_KNOWN:
            del self._told_s[next(iter(self._told_s))]
        self._told_s[address] = mono_s
        return True

    def forget(self, mono_s: float) -> None:
        """Forget the addresses of whom one may be told again at `mono_s` (monotonic s)."""
        self._told_s = {each: told_s for each, told_s in self._told_s.items() if mono_s - told_s < TOLD_EVERY_S}
