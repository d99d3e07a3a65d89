"""Head office's personal coupons: signed for one member and one store, for the app to show as a QR code."""

import secrets
from dataclasses import dataclass, field, replace
from typing import Final, Self

from gateway.codecs.cose import PrivateKey
from gateway.codecs.member_code import store_audience
from gateway.codecs.personal_coupon import ID_BYTES, PersonalCoupon, write_coupon

GOOD_S: Final = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class IssuedCoupon:
    """A coupon as head office signs it; whoever has its text can show it."""

    coupon: PersonalCoupon
    issuer: str
    issuer_key: PrivateKey = field(repr=False)

    @classmethod
    def issue(
        cls,
        campaign: str,
        store: tuple[str, str],
        issuer: str,
        issuer_key: PrivateKey,
        utc_s: float,
        handle: str | None = None,
    ) -> Self:
        """A new coupon of `campaign` for `store` (tenant and id), good for `GOOD_S` from `utc_s` (seconds since 1970).

        With a `handle` it is that member's.
        """
        own = secrets.token_hex(ID_BYTES)
        coupon = PersonalCoupon(own, campaign, store_audience(*store), utc_s, utc_s + GOOD_S, handle)
        return cls(coupon, issuer, issuer_key)

    def but(self, **facts: object) -> Self:
        """The same coupon, saying something else."""
        return replace(self, coupon=replace(self.coupon, **facts))  # type: ignore[arg-type]

    @property
    def text(self) -> str:
        """What the app shows as a QR code."""
        return write_coupon(self.coupon, self.issuer, self.issuer_key)
