"""Whose a coupon of the whole brand is, from what its shops tell (wire.md, "Coupons of the whole brand")."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.model.store import StoreRef

AGAIN_S: Final = 5.0
"""An answer that no gateway confirmed is given again after this long (seconds)."""


@dataclass(slots=True)
class Wish:
    """A redemption that wants its coupon, and what it is answered.

    Attributes:
        gateway: Who asked.
        coupon: The coupon's digest.
        granted: The answer.
        told_s: When it was given last (monotonic s).
    """

    gateway: StoreRef
    coupon: str
    granted: bool
    told_s: float = float("-inf")


class BrandLocks:
    """The coupons of a brand: each is kept for the redemption that is heard of first, until that is cancelled.

    One for all shops of a brand. An answer is due again and again until its gateway confirms it.

    Attributes:
        rejected: How often a coupon was spent in a second shop before its answer was there.
    """

    def __init__(self) -> None:
        self.rejected = 0
        self._kept_for: dict[str, str] = {}
        self._wishes: dict[str, Wish] = {}
        self._unconfirmed: set[str] = set()

    def hear(self, event_type: str, content: Mapping[str, object], gateway: StoreRef) -> None:
        """Take up an event of a shop, each once: a coupon wanted, given back, or spent twice."""
        redemption = str(content.get("redemption"))
        match event_type:
            case "redemption.lock_wanted":
                coupon = str(content["coupon"])
                granted = self._kept_for.setdefault(coupon, redemption) == redemption
                self._wishes[redemption] = Wish(gateway, coupon, granted)
                self._unconfirmed.add(redemption)
            case "redemption.cancelled" if redemption in self._wishes:
                coupon = self._wishes[redemption].coupon
                if self._kept_for.get(coupon) == redemption:
                    del self._kept_for[coupon]
            case "redemption.rejected":
                self.rejected += 1

    def due(self, gateway: StoreRef, now_s: float) -> Iterator[tuple[str, bool]]:
        """The answers (redemption, granted) for this gateway that are due at `now_s` (monotonic s)."""
        for redemption in sorted(self._unconfirmed):
            wish = self._wishes[redemption]
            if wish.gateway == gateway and now_s - wish.told_s >= AGAIN_S:
                wish.told_s = now_s
                yield redemption, wish.granted

    def confirm(self, redemption: str) -> None:
        """The gateway says that it has the answer."""
        self._unconfirmed.discard(redemption)
