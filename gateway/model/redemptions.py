"""Redemptions: an offer that a till takes, held first and spent afterwards, and what tills ask for it."""

from dataclasses import dataclass, field
from typing import Literal

from gateway.model.amount import Amount
from gateway.model.time import At

RedemptionState = Literal["reserved", "committed", "cancelled", "expired"]
Lock = Literal["asked", "granted", "refused"]


@dataclass(frozen=True, slots=True)
class Redemption:
    """One use of an offer of `campaign` that was made to `subject` here.

    `since` is when it came into its `state`: a reserved one is held for the member until it is committed (spent, for
    good), cancelled by the till, or expired. `value` is what it saves, in the currency of the till (None: not told).
    `lock` is whether head office keeps the coupon for this shop, where it is good once in all shops (None: it is not
    asked; `refused`: it was given meanwhile, and is spent elsewhere). `member` is the handle of who saves by it, where
    `subject` is a coupon; `coupon_until_utc_s` is when a personal one ends (seconds since 1970): until then it must be
    known that it was used.
    """

    id: str
    subject: str
    campaign: str
    till: str
    state: RedemptionState
    value: Amount | None
    since: At
    lock: Lock | None = None
    member: str | None = None
    coupon_until_utc_s: float | None = None

    @property
    def saver(self) -> str | None:
        """Who saves by it, as events name it (`m.` and a handle); None: nobody knows.

        A coupon's digest is told to nobody as a subject, since short codes can be found from it.
        """
        if self.member is not None:
            return f"m.{self.member}"
        return self.subject if self.subject.startswith("m.") else None

    @property
    def owners(self) -> frozenset[str]:
        """The subjects that it is of: what may be used once, and who saves by it."""
        return frozenset({self.subject} if self.saver is None else {self.subject, self.saver})

    @property
    def coupon(self) -> str | None:
        """The id of the personal coupon that it used: head office's own, at random."""
        return self.subject.removeprefix("p.") if self.coupon_until_utc_s is not None else None


@dataclass(frozen=True, slots=True)
class Reserve:
    """A till wants to use an offer for a member (its handle); `key` is the till's own word for this one use.

    `code` is what the member shows at the till, instead of `member`; `coupon` the text of a coupon or prize, which
    names its campaign.
    """

    member: str | None
    campaign: str | None
    till: str
    key: str
    value: Amount | None = None
    code: str | None = field(default=None, repr=False)
    coupon: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CommitRedemption:
    """The basket is paid: the redemption of this id is spent; `value` replaces what was said when it was reserved."""

    redemption: str
    value: Amount | None = None


@dataclass(frozen=True, slots=True)
class CancelRedemption:
    """The basket came to nothing: the redemption of this id is given back."""

    redemption: str


@dataclass(frozen=True, slots=True)
class LockAnswered:
    """Head office says whether a coupon that is good once in all shops is this redemption's."""

    redemption: str
    granted: bool


RedemptionAsk = Reserve | CommitRedemption | CancelRedemption | LockAnswered


@dataclass(frozen=True, slots=True)
class NotRedeemed:
    """Why a till is refused: a stable code and a sentence for a person."""

    reason: str
    says: str
