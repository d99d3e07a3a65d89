"""Traffic: what each receiver hears of everybody. A shop does not fall silent at once; a receiver does."""

from dataclasses import dataclass, field
from typing import Final

BUSY_S: Final = 10.0
BUSY: Final = 4
"""So many transmitters within `BUSY_S` are more than would stop together."""
SILENT_S: Final = 15.0
"""When a busy receiver hears nothing for this long, its silence says nothing of anybody (seconds)."""
NOTICED_S: Final = 300.0
"""By then it is known to be down, or it is right (seconds)."""
KEPT: Final = 8
TOGETHER_S: Final = 1.0


@dataclass(slots=True)
class _Heard:
    """The last packet of anybody (monotonic s), when packets came again after a silence, and some who sent them."""

    last_s: float
    again_s: float = float("-inf")
    senders: dict[int, float] = field(default_factory=dict)

    def busy(self) -> bool:
        return sum(self.last_s - at_s <= BUSY_S for at_s in self.senders.values()) >= BUSY


class Traffic:
    """Kept in memory alone: after a restart every receiver is believed until it was busy again."""

    def __init__(self) -> None:
        self._heard: dict[str, _Heard] = {}

    def hear(self, receiver: str, sender: str, mono_s: float) -> None:
        """Note a packet; senders are told apart by anything that does so for some seconds."""
        heard = self._heard.get(receiver)
        if heard is None:
            heard = self._heard[receiver] = _Heard(mono_s)
        if mono_s - heard.last_s > SILENT_S and heard.busy():
            heard.again_s = mono_s
        heard.last_s = max(heard.last_s, mono_s)
        senders, who = heard.senders, hash(sender)  # an address is not kept: this number means nothing elsewhere
        if who in senders or len(senders) < KEPT:
            senders[who] = mono_s
        else:
            oldest = min(senders, key=senders.__getitem__)
            if mono_s - senders[oldest] > BUSY_S:
                del senders[oldest]
                senders[who] = mono_s

    def forget(self) -> None:
        """These times are of a clock that is no more."""
        self._heard.clear()

    def again_s(self, receiver: str) -> float:
        """When a busy receiver that had heard nothing heard somebody again (monotonic s)."""
        heard = self._heard.get(receiver)
        return heard.again_s if heard is not None else float("-inf")

    def mute_until_s(self, receiver: str, seen_s: float) -> float:
        """Until when a silence since `seen_s` may be the receiver's own: nobody else was heard since (monotonic s)."""
        heard = self._heard.get(receiver)
        if heard is None or heard.last_s > seen_s + TOGETHER_S or not heard.busy():
            return float("-inf")
        return heard.last_s + NOTICED_S
