"""Coupons: which campaign a coupon's or prize's code belongs to, and whether a personal one is good here and now."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gateway.codecs.cose import PublicKey, key_from
from gateway.codecs.meanings import CouponCode, meaning_of
from gateway.codecs.member_code import store_audience
from gateway.codecs.personal_coupon import PREFIX, CouponReason, PersonalCoupon, PersonalCouponError, read_coupon
from gateway.model.documents import Campaign, Campaigns, FloorPlan
from gateway.model.issuers import Issuers
from gateway.model.redemptions import NotRedeemed
from gateway.model.time import Now, rfc3339

DIGEST_CHARS: Final = 32
LEEWAY_S: Final = 60.0
"""Head office's clock and the shop's may be this far apart (seconds)."""
LONGEST_S: Final = 366 * 86_400.0
"""A personal coupon is good for no longer (seconds): so long it has to be known that one was spent."""


def coupon_digest(code: str) -> str:
    """What a campaigns document holds of a code: the first 32 hex digits of its SHA-256, so that nobody reads it."""
    return sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_CHARS]


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code of a campaign, by its digest; `once`: it is good for one redemption in the shop, `brand`: in all shops.

    Of a personal one, `personal` is what it says, and `digest` its own id.
    """

    campaign: str
    digest: str
    once: bool
    brand: bool
    personal: PersonalCoupon | None = None

    @property
    def subject(self) -> str:
        """What a redemption of it counts for, where it is good once."""
        return f"{'c' if self.personal is None else 'p'}.{self.digest}"


class Coupons:
    """Finds the campaign of a code, among those in force; a personal coupon names its own."""

    def __init__(self) -> None:
        self._issuers: dict[str, PublicKey] = {}
        self._campaigns: tuple[Campaign, ...] = ()
        self._by_digest: Mapping[str, Campaign] | None = None

    def use(self, campaigns: Campaigns) -> None:
        """These campaigns are in force. Their codes are looked through when the first one is shown."""
        self._campaigns = () if campaigns.stopped else campaigns.campaigns
        self._by_digest = None

    def trust(self, issuers: Issuers) -> None:
        """These may sign personal coupons."""
        self._issuers = {name: key_from(octets) for name, octets in issuers.keys.items()}

    def shown(self, text: str) -> Coupon | NotRedeemed:
        """The coupon in what a till scanned or typed: an address, a GS1 coupon, a personal one, or a code alone."""
        if text.startswith(PREFIX):
            return self._personal(text)
        meaning = meaning_of(text)
        coupon = self.of(meaning.code if isinstance(meaning, CouponCode) else text)
        return coupon or NotRedeemed("unknown_coupon", "No campaign that is in force here has this coupon.")

    def _personal(self, text: str) -> Coupon | NotRedeemed:
        try:
            personal = read_coupon(text, self._issuers.get)
        except PersonalCouponError as error:
            return NotRedeemed(error.reason, _SAYS[error.reason])
        return Coupon(personal.campaign, personal.id, once=True, brand=False, personal=personal)

    def of(self, code: str) -> Coupon | None:
        """The coupon that `code` is; None where no campaign in force has it."""
        if self._by_digest is None:
            self._by_digest = {
                digest: each
                for each in self._campaigns
                if each.codes is not None and not each.stopped
                for digest in each.codes.digests
            }
        digest = coupon_digest(code)
        campaign = self._by_digest.get(digest)
        if campaign is None or campaign.codes is None:
            return None
        return Coupon(campaign.id, digest, campaign.codes.once, campaign.codes.brand)


def refusal(coupon: PersonalCoupon, plan: FloorPlan, now: Now) -> NotRedeemed | None:
    """Why a personal coupon is not good in the shop of `plan`, now."""
    if coupon.audience != store_audience(plan.tenant, plan.store):
        return NotRedeemed("coupon_wrong_store", "The coupon is good in another shop.")
    if now.clock == "unset":
        return NotRedeemed("clock_unset", "The gateway's clock is not set, so nothing says whether it is still good.")
    if now.utc_s < coupon.begins_utc_s - LEEWAY_S:
        return NotRedeemed("coupon_not_yet_valid", f"The coupon is good from {rfc3339(coupon.begins_utc_s)} on.")
    if now.utc_s >= coupon.ends_utc_s:
        return NotRedeemed("coupon_expired", f"The coupon ended at {rfc3339(coupon.ends_utc_s)}.")
    if coupon.ends_utc_s - coupon.begins_utc_s > LONGEST_S:
        says = f"The coupon is made for longer than {LONGEST_S / 86_400:.0f} days, which none may be."
        return NotRedeemed("coupon_lasts_too_long", says)
    return None


_SAYS: Final[Mapping[CouponReason, str]] = {
    "coupon_too_long": "The coupon is longer than any that head office makes.",
    "coupon_truncated": "Part of the coupon is missing. Hold the whole of it in front of the reader.",
    "coupon_malformed": "It begins as a personal coupon, and goes on as none.",
    "coupon_unknown_issuer": "The coupon is of an issuer that this shop does not trust.",
    "coupon_forged": "The coupon is not signed by the issuer that it names.",
}
