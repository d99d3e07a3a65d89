"""Coupons: which campaign a coupon's or prize's code belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gateway.model.documents import Campaign, Campaigns

DIGEST_CHARS: Final = 32


def coupon_digest(code: str) -> str:
    """What a campaigns document holds of a code: the first 32 hex digits of its SHA-256, so that nobody reads it."""
    return sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_CHARS]


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code of a campaign, by its digest; `once`: it is good for one redemption in the shop, `brand`: in all shops."""

    campaign: str
    digest: str
    once: bool
    brand: bool


class Coupons:
    """Finds the campaign of a code, among those in force."""

    def __init__(self) -> None:
        self._campaigns: tuple[Campaign, ...] = ()
        self._by_digest: Mapping[str, Campaign] | None = None

    def use(self, campaigns: Campaigns) -> None:
        """These campaigns are in force. Their codes are looked through when the first one is shown."""
        self._campaigns = () if campaigns.stopped else campaigns.campaigns
        self._by_digest = None

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
