"""Claims: whose offer, or which coupon, a till wants to use, and what proves that it may."""

from dataclasses import dataclass, replace
from typing import Final

from gateway.codecs.meanings import OfMember, SignedCode, meaning_of
from gateway.codecs.member_code import MemberCodeError
from gateway.codecs.wallet import WalletPass
from gateway.core.coupons import Coupon, Coupons, refusal
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
            return self.coupon.subject
        return f"m.{self.handle}"

    @property
    def saver(self) -> str | None:
        """Who saves by it (a handle), as far as anybody says."""
        personal = None if self.coupon is None else self.coupon.personal
        return self.handle if personal is None else personal.handle


class Claims:
    """Judges who stands at a till. To be heard nearby is not enough: radio can be relayed, and a picture be shown."""

    def __init__(self, state: State, codes: MemberCodes, coupons: Coupons) -> None:
        self._state = state
        self._codes = codes
        self._coupons = coupons

    def of(self, ask: Reserve) -> Claim | NotRedeemed:
        """What `ask` names, each time the same; or that there is no such coupon or code."""
        coupon = None if ask.coupon is None else self._coupons.shown(ask.coupon)
        if isinstance(coupon, NotRedeemed):
            return coupon
        shows = None if ask.code is None else meaning_of(ask.code)
        if shows is None:
            return _whose(Claim(ask.member, coupon.campaign if coupon else ask.campaign or "", None, coupon))
        owner = self._codes.owner(shows) if isinstance(shows, SignedCode | WalletPass) else None
        if owner is None or not isinstance(shows, SignedCode | WalletPass):
            return NotRedeemed("bad_code", "What was shown is no code of a member's that this shop trusts.")
        return _whose(Claim(owner, coupon.campaign if coupon else ask.campaign or "", shows, coupon))

    def unproven(self, claim: Claim, plan: FloorPlan, now: Now) -> NotRedeemed | None:
        """Why the claim is not proof enough for something of value; a signed code is used up by this.

        A coupon in the hand is proof, a personal one by what it says.
        """
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


def unfit(claim: Claim, plan: FloorPlan, now: Now) -> NotRedeemed | None:
    """Why the personal coupon of the claim is not good in the shop of `plan`, now, whatever its campaign says."""
    personal = None if claim.coupon is None else claim.coupon.personal
    return None if personal is None else refusal(personal, plan, now)


def _whose(claim: Claim) -> Claim | NotRedeemed:
    """The claim; a personal coupon is good for its own member, who need not be known here, and for no other."""
    personal = None if claim.coupon is None else claim.coupon.personal
    if personal is None:
        return claim
    if claim.handle is not None and personal.handle not in {None, claim.handle}:
        return NotRedeemed("coupon_of_another", "The coupon is another member's than the card that was shown.")
    return replace(claim, handle=None)
