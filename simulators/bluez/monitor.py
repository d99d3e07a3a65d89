"""Advertisement monitors: patterns that a client wants to hear of, judged packet by packet.

Source: doc/org.bluez.AdvertisementMonitor.rst of BlueZ.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_AD_BYTES = 31


@dataclass(frozen=True, slots=True)
class Pattern:
    """Content to be found at `start` (bytes) of the value of an AD structure of `ad_type`."""

    start: int
    ad_type: int
    content: bytes

    @property
    def is_valid(self) -> bool:
        """Whether BlueZ takes it: some content, inside a legacy advertisement."""
        return bool(self.content) and self.start + len(self.content) <= MAX_AD_BYTES

    def matches(self, structures: Iterable[tuple[int, bytes]]) -> bool:
        """Whether one of a packet's (AD type, value) pairs has it."""
        return any(
            ad_type == self.ad_type and value.startswith(self.content, self.start) for ad_type, value in structures
        )


def patterns_of(written: Sequence[tuple[int, int, bytes]]) -> tuple[Pattern, ...]:
    """The `Patterns` property of a monitor, `a(yyay)`; empty when BlueZ would release the monitor for it."""
    patterns = tuple(Pattern(start, ad_type, bytes(content)) for start, ad_type, content in written)
    return patterns if all(pattern.is_valid for pattern in patterns) else ()
