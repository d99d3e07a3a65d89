"""`/v1/redemptions`: a till holds an offer, spends it, or gives it back; each answer follows its commit."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from gateway.codecs.member_code import LONGEST_CHARS
from gateway.core.redemptions import held_until_utc_s
from gateway.model.amount import Amount, number_of
from gateway.model.inputs import Input
from gateway.model.redemptions import (
    CancelRedemption,
    CommitRedemption,
    Lock,
    NotRedeemed,
    Redemption,
    RedemptionAsk,
    RedemptionState,
    Reserve,
)
from gateway.model.time import rfc3339
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.inbox import InboxClosed, TooManyAsks
from gateway.web.credentials import LONGEST_HANDLE, Credential
from gateway.web.door import Door
from gateway.web.in_force import InForce
from gateway.web.problems import Problem
from gateway.web.savings import Savings, savings_of
from gateway.web.served import amount

Value = Annotated[
    float | None, Field(ge=0, le=1e9, allow_inf_nan=False, description="What it saves, in the till's currency.")
]
TillKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        description="The till's own word for this one redemption.",
    ),
]


class Wanted(BaseModel):
    """Which offer a till wants to use, for whom: a member by handle or by what they show, or a coupon's bearer."""

    model_config = ConfigDict(extra="forbid")

    member: str | None = Field(
        default=None, min_length=1, max_length=LONGEST_HANDLE, description="The member's handle."
    )
    code: str | None = Field(
        default=None, min_length=1, max_length=LONGEST_CHARS, description="What the member shows, instead of `member`."
    )
    campaign: str | None = Field(default=None, min_length=1, max_length=256)
    coupon: str | None = Field(
        default=None, min_length=1, max_length=2048, description="A coupon's or prize's text, instead of `campaign`."
    )
    till: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    value: Value = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.campaign is None) == (self.coupon is None):
            msg = "name the campaign, or give the coupon"
            raise ValueError(msg)
        members = [self.member, self.code].count(None)
        if members == 0 or (members == 2 and self.coupon is None):
            msg = "name the member, or give the code that the member shows; a coupon may go without"
            raise ValueError(msg)
        return self

    def ask(self, key: str) -> Reserve:
        """It, as the engine takes it."""
        return Reserve(self.member, self.campaign, self.till, key, _value(self.value), self.code, self.coupon)


class Paid(BaseModel):
    """What became of the basket."""

    model_config = ConfigDict(extra="forbid")

    value: Value = None


class RedemptionAnswer(TypedDict):
    """A redemption as it stands; `until` is how long it is held (null unless it is reserved).

    `lock` is whether head office keeps the coupon for this shop, null where it is not asked. `saved` is what its member
    saved by now, to be printed: null until it is committed, where nobody knows the member, and while it cannot be told.
    """

    redemption: str
    state: RedemptionState
    campaign: str
    till: str
    value: float | None
    benefit: Mapping[str, object] | None
    until: str | None
    lock: Lock | None
    saved: Savings | None


def redemptions_routes(door: Door, ask: Callable[[Input], Awaitable[object]], in_force: InForce) -> APIRouter:
    """The routes. `ask` gives the step's answer once it is committed."""
    router = APIRouter()
    till = Depends(door.admit("till"))

    async def asked(what: RedemptionAsk) -> RedemptionAnswer:
        answer = await ask(what)
        if not isinstance(answer, Redemption):
            raise _problem(answer)
        return _told(answer, in_force, await _saved_by(answer, ask))

    @router.post("/v1/redemptions", status_code=201)
    async def post_redemptions(wanted: Wanted, key: TillKey, _: Annotated[Credential, till]) -> RedemptionAnswer:
        """Hold an offer for a basket. Sent again with the same key, it gives the same redemption as it stands now."""
        return await asked(wanted.ask(key))

    @router.post("/v1/redemptions/{redemption}/commit")
    async def post_redemption_commit(
        redemption: str,
        _: Annotated[Credential, till],
        paid: Paid = Paid(),  # noqa: B008 - the body may be left out
    ) -> RedemptionAnswer:
        """The basket is paid: the offer is spent, for good. May be sent again."""
        return await asked(CommitRedemption(redemption, _value(paid.value)))

    @router.delete("/v1/redemptions/{redemption}")
    async def delete_redemption(redemption: str, _: Annotated[Credential, till]) -> RedemptionAnswer:
        """The basket came to nothing: the offer is given back. May be sent again."""
        return await asked(CancelRedemption(redemption))

    return router


def _value(value: float | None) -> Amount | None:
    return None if value is None else amount(value, "value")


async def _saved_by(redemption: Redemption, ask: Callable[[Input], Awaitable[object]]) -> Savings | None:
    """What its member saved by now; None also where that cannot be told now, as what is committed stays so."""
    if redemption.state != "committed" or redemption.saver is None:
        return None
    try:
        return await savings_of(redemption.saver.removeprefix("m."), ask)
    except (StorageUnavailable, TooManyAsks, InboxClosed):
        return None


def _told(redemption: Redemption, in_force: InForce, saved: Savings | None) -> RedemptionAnswer:
    campaign = in_force.campaigns.get(redemption.campaign)
    return RedemptionAnswer(
        redemption=redemption.id,
        state=redemption.state,
        campaign=redemption.campaign,
        till=redemption.till,
        value=number_of(redemption.value),
        benefit=campaign.benefit if campaign is not None else None,
        until=rfc3339(held_until_utc_s(redemption)) if redemption.state == "reserved" else None,
        lock=redemption.lock,
        saved=saved,
    )


def _problem(answer: object) -> Problem:
    if not isinstance(answer, NotRedeemed):
        msg = f"a till was answered with {type(answer).__name__}"
        raise TypeError(msg)
    if answer.reason == "unknown":
        return Problem("not_found", answer.says)
    if answer.reason == "key_reused":
        return Problem("idempotency_reused", answer.says)
    return Problem("not_redeemed", answer.says, reason=answer.reason)
