"""`/v1/orders/{order}/handover`: an order is given to who shows its code."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gateway.model.inputs import Input
from gateway.model.orders import HandOver, Pickup
from gateway.model.time import rfc3339
from gateway.web.credentials import Credential
from gateway.web.door import Door
from gateway.web.served import Name, served


class Handover(BaseModel):
    """The code that the customer showed, and who gives the order out."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=128)
    seller: Name


class HandoverAnswer(TypedDict):
    """When the order was given out."""

    order: str
    handed_over_at: str


def orders_route(door: Door, ask: Callable[[Input], Awaitable[object]]) -> APIRouter:
    """The route. `ask` gives the step's answer once it is committed."""
    router = APIRouter()

    @router.post("/v1/orders/{order}/handover")
    async def post_order_handover(
        order: str, given: Handover, _: Annotated[Credential, Depends(door.admit("staff"))]
    ) -> HandoverAnswer:
        """Give an order out against its code. May be sent again."""
        pickup = await served(ask, HandOver(order, given.code, given.seller), Pickup)
        at = pickup.handed_over or pickup.here
        return HandoverAnswer(order=pickup.order, handed_over_at=rfc3339(at.utc_s))

    return router
