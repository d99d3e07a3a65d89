"""What the `data` of events at the till holds, as types: one use of an offer or coupon, and the points it gives."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from gateway.uplink.dated import Dated

Amount = Annotated[float, Field(ge=0)]


class Redeemed(Dated):
    """One use of an offer, by its id, at a till."""

    redemption: str
    campaign: str
    till: str


class RedemptionReserved(Redeemed):
    """An offer is held for a basket; `value` is what it saves (null: not told), `until` how long it is held."""

    value: Amount | None
    until: datetime


class RedemptionLockWanted(Redeemed):
    """A coupon that is good once in all shops is held here: head office says by the command `lock` whether it may be.

    `coupon` is its digest, as in the campaigns document.
    """

    value: Amount | None
    until: datetime
    coupon: str


class RedemptionCommitted(Redeemed):
    """An offer is spent; `provisional`: before head office said whether the coupon was still good.

    `coupon` is the id of a personal one (null: it was none), `cost` what the campaign says that it costs at most.
    """

    value: Amount | None
    provisional: bool
    coupon: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None
    cost: Amount | None


class RedemptionRejected(Redeemed):
    """What was spent before head office answered is spent elsewhere too; `value` and `cost` are to be settled."""

    value: Amount | None
    cost: Amount | None
    reason: Literal["spent_elsewhere"]


class PointsEarned(Redeemed):
    """A redemption that is spent gives its member so many points, to be booked once by its id."""

    points: float


class RedemptionCancelled(Redeemed):
    """An offer is given back: the till said so, nobody committed it in time, or its coupon is spent in another shop."""

    reason: Literal["till", "expired", "spent_elsewhere"]


class RedemptionRefused(Dated):
    """A till got no; `redemption` is null where none was reserved."""

    redemption: str | None
    campaign: str
    till: str
    reason: str
