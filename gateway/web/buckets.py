"""Token buckets: how many requests an address or a credential may make; a bounded table of them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_s` requests a second in the long run, `burst` at once."""

    per_s: float
    burst: int


class Buckets:
    """One bucket a key. Of more than `capacity` the one unused for longest is forgotten: it would be full again."""

    def __init__(self, rate: Rate, clock: Callable[[], float], capacity: int = 10_000) -> None:
        self._rate = rate
        self._clock = clock
        self._capacity = capacity
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._levels)

    def take(self, key: Hashable) -> float:
        """Take one token of `key`: 0.0 when there was one, else the seconds until there is."""
        now_s = self._clock()
        level, since_s = self._levels.pop(key, (float(self._rate.burst), now_s))
        level = min(float(self._rate.burst), level + (now_s - since_s) * self._rate.per_s)
        wait_s = 0.0 if level >= 1 else (1 - level) / self._rate.per_s
        self._levels[key] = (level - 1 if level >= 1 else level, now_s)
        if len(self._levels) > self._capacity:
            self._levels.popitem(last=False)
        return wait_s
