"""Which receivers hear: "the scanner is dead" is never "everybody left"."""

from collections.abc import Iterable


class Listening:
    """Receivers' health, and since when the gateway as a whole has been listening (monotonic seconds)."""

    def __init__(self) -> None:
        self._down: dict[str, float] = {}
        self._up_since: dict[str, float] = {}
        self._since_s = float("-inf")

    def begin(self, mono_s: float) -> None:
        """The gateway was deaf until now."""
        self._since_s = mono_s

    def change(self, receiver: str, status: str, mono_s: float) -> bool:
        """Note a receiver going `up` or `down`; False if it was so already."""
        was_down = receiver in self._down
        if status == "down":
            self._down.setdefault(receiver, mono_s)
            return not was_down
        self._down.pop(receiver, None)
        self._up_since[receiver] = mono_s
        return was_down

    def down_since(self, anchors: Iterable[str]) -> float | None:
        """Since when one of these anchors has been down (the latest, monotonic s); None while all of them hear."""
        return max((self._down[anchor] for anchor in anchors if anchor in self._down), default=None)

    def quiet_since(self, anchors: Iterable[str], seen_s: float) -> float:
        """Since when silence counts: from the last evidence, or from when an anchor of it could hear again."""
        return max(seen_s, self._since_s, *(self._up_since.get(anchor, seen_s) for anchor in anchors))
