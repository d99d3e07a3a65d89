"""Claims: whose offer, or which coupon, a till wants to use, and what proves that it may."""

from dataclasses import dataclass
from typing import Final

from gateway.codecs.meanings import CouponCode, OfMember, SignedCode, meaning_of
from gateway.codecs.member_code import MemberCodeError
from gateway.codecs.wallet import WalletPass
from gateway.core.coupons import Coupon, Coupons
from gateway.core.evidence import vouched
from gateway.core.member_codes import MemberCodes
from gateway.core.state import State
from gateway.model.documents import FloorPlan
from gateway.model.meaning import SAYS
from gateway.model.redemptions import NotRedeemed, Reserve
from gateway.model.time import Now
from gateway.model.visit import Assurance


@dataclass(frozen=True, slots=True)
class Claim:
    """What a till names: a member (its handle, None for nobody), perhaps by what it `shows`, a campaign or coupon."""

    handle: str | None
    campaign: str
    shows: OfMember | None = None
    coupon: Coupon | None = None

    @property
    def subject(self) -> str:
        """What the redemption counts for: the member, or the coupon where that is what may be used once."""
        if self.coupon is not None and (self.coupon.once or self.handle is None):
            return f"c.{self.coupon.digest}"
        return f"m.{self.handle}"


class Claims:
    """Judges who stands at a till. To be heard nearby is not enough: radio can be relayed, and a picture be shown."""

    def __init__(self, state: State, codes: MemberCodes, coupons: Coupons) -> None:
        self._state = state
        self._codes = codes
        self._coupons = coupons

    def of(self, ask: Reserve) -> Claim | NotRedeemed:
        """What `ask` names, each time the same; or that there is no such coupon or code."""
        coupon = None if ask.coupon is None else self._coupons.of(_coupon_in(ask.coupon))
        if ask.coupon is not None and coupon is None:
            return NotRedeemed("unknown_coupon", "No campaign that is in force here has this coupon.")
        shows = None if ask.code is None else meaning_of(ask.code)
        if shows is None:
            return Claim(ask.member, coupon.campaign if coupon else ask.campaign or "", None, coupon)
        owner = self._codes.owner(shows) if isinstance(shows, SignedCode | WalletPass) else None
        if owner is None or not isinstance(shows, SignedCode | WalletPass):
            return NotRedeemed("bad_code", "What was shown is no code of a member's that this shop trusts.")
        return Claim(owner, coupon.campaign if coupon else ask.campaign or "", shows, coupon)

    def unproven(self, claim: Claim, plan: FloorPlan, now: Now) -> NotRedeemed | None:
        """Why the claim is not proof enough for something of value; a signed code is used up by this."""
        if claim.coupon is not None:
            return None
        if claim.shows is not None:
            try:
                assurance = self._codes.take(claim.shows, "code", plan, now).assurance
            except MemberCodeError as error:
                return NotRedeemed(error.reason, SAYS[error.reason])
            return None if assurance is Assurance.PROVEN else _NOT_PROVEN
        offered = self._state.exposures.get(claim.subject, {}).get(claim.campaign)
        if vouched(self._state.presences.get(claim.subject)) or (offered is not None and not offered.unproven):
            return None
        return _NOT_PROVEN


_NOT_PROVEN: Final = NotRedeemed(
    "not_proven",
    "The member was only heard nearby, or showed what others can show. Let them open the app here, or scan its code.",
)


def _coupon_in(text: str) -> str:
    """The code in what a till scanned or typed: an address, a GS1 coupon, or the code alone."""
    meaning = meaning_of(text)
    return meaning.code if isinstance(meaning, CouponCode) else text
