"""One code held up is one sighting, however many frames show it."""

from collections import OrderedDict
from dataclasses import dataclass
from math import hypot
from typing import Final

from gateway.codecs.camera_link import CodeSeen

SAME_PLACE: Final = 0.25
"""The same content farther away than this (of the frame) is another code."""
MOST_HELD: Final = 256
"""Codes in sight that are remembered; beyond it the one seen longest ago is forgotten, and may count again."""


@dataclass(slots=True)
class _Held:
    x: float
    y: float
    at_s: float


class HeldUp:
    """Remembers what is in sight, by content and place; one that was out of sight for `held_s` counts again."""

    def __init__(self, held_s: float) -> None:
        self._held_s = held_s
        self._held: OrderedDict[tuple[str, str, int], _Held] = OrderedDict()
        self._next = 0

    def is_new(self, code: CodeSeen, now_s: float) -> bool:
        """Whether a code seen now (monotonic seconds) is one more, and not the one that is already held up."""
        self._forget(now_s)
        for key, held in self._held.items():
            if key[:2] == (code.symbology, code.text) and hypot(held.x - code.x, held.y - code.y) <= SAME_PLACE:
                held.x, held.y, held.at_s = code.x, code.y, now_s
                self._held.move_to_end(key)
                return False
        self._next += 1
        self._held[code.symbology, code.text, self._next] = _Held(code.x, code.y, now_s)
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return True

    def _forget(self, now_s: float) -> None:
        while self._held:
            key, held = next(iter(self._held.items()))
            if now_s - held.at_s < self._held_s:
                return
            del self._held[key]
