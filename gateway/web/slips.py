"""`/v1/slips`: a member's phone shows one code at the till, for card, coupons and a basket scanned on the way."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gateway.core.desk.slips import GOOD_S
from gateway.model.feeds import OrderLine
from gateway.model.inputs import Input
from gateway.model.slips import MakeSlip, Slip, TakeSlip
from gateway.model.time import rfc3339
from gateway.web.credentials import Credential, handle_of
from gateway.web.door import Door
from gateway.web.in_force import InForce
from gateway.web.repeats import IdempotencyKey, Repeats
from gateway.web.served import Gtin, Name, gtin, served


class BasketLine(BaseModel):
    """So many of a product."""

    model_config = ConfigDict(extra="forbid")

    gtin: Gtin
    quantity: int = Field(ge=1, le=1_000)


class Basket(BaseModel):
    """What the member scanned on the way; empty for a card and its coupons alone."""

    model_config = ConfigDict(extra="forbid")

    lines: list[BasketLine] = Field(default_factory=list, max_length=100)


class AtTill(BaseModel):
    """Which till read the code."""

    model_config = ConfigDict(extra="forbid")

    till: Name


class Coupon(TypedDict):
    """An offer that a till can reserve now."""

    campaign: str
    benefit: Mapping[str, object] | None


class SlipAnswer(TypedDict):
    """The code to show (`slip`), good `until` then, and the coupons it carries."""

    slip: str
    until: str
    coupons: list[Coupon]


class TakenSlip(TypedDict):
    """Whose code it is (a handle, to reserve coupons with), the coupons, and the basket."""

    member: str
    coupons: list[Coupon]
    lines: list[Mapping[str, object]]


def slips_routes(
    door: Door, ask: Callable[[Input], Awaitable[object]], in_force: InForce, repeats: Repeats
) -> APIRouter:
    """The routes. `ask` gives the step's answer once it is committed."""
    router = APIRouter()

    def coupons(slip: Slip) -> list[Coupon]:
        found = ((name, in_force.campaigns.get(name)) for name in slip.coupons)
        return [Coupon(campaign=name, benefit=campaign.benefit) for name, campaign in found if campaign is not None]

    @router.post("/v1/slips", status_code=201)
    async def post_slips(
        member: Annotated[Credential, Depends(door.admit("member"))],
        basket: Basket = Basket(),  # noqa: B008 - the body may be left out
        key: IdempotencyKey = None,
    ) -> SlipAnswer:
        """A new code; the one before is no longer good."""
        lines = (OrderLine(gtin(each.gtin, f"lines[{n}].gtin"), each.quantity) for n, each in enumerate(basket.lines))
        wanted = MakeSlip(handle_of(member), tuple(lines))

        async def made() -> SlipAnswer:
            slip = await served(ask, wanted, Slip)
            return SlipAnswer(slip=slip.id, until=rfc3339(slip.since.utc_s + GOOD_S), coupons=coupons(slip))

        return await repeats.once(member.name, key, f"slips {basket.model_dump_json()}", made)

    @router.post("/v1/slips/{slip}/take")
    async def post_slip_take(slip: str, at: AtTill, _: Annotated[Credential, Depends(door.admit("till"))]) -> TakenSlip:
        """A till read the code. The same till may ask again, no other."""
        taken = await served(ask, TakeSlip(slip, at.till), Slip)
        lines: list[Mapping[str, object]] = [{"gtin": line.gtin, "quantity": line.quantity} for line in taken.lines]
        return TakenSlip(member=taken.subject.removeprefix("m."), coupons=coupons(taken), lines=lines)

    return router
