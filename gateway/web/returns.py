"""`/v1/returns`: goods come back over the desk, are looked at, and are on sale again."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gateway.model.inputs import Input
from gateway.model.returns import CheckReturn, ReceiveReturn, RestockReturn, Return, ReturnState
from gateway.web.credentials import LONGEST_HANDLE, Credential
from gateway.web.door import Door
from gateway.web.served import Gtin, Name, gtin, served


class Goods(BaseModel):
    """What came back; `ticket` is the number it was sold under."""

    model_config = ConfigDict(extra="forbid")

    product: Gtin
    quantity: int = Field(default=1, ge=1, le=1_000)
    reason: Name | None = None
    ticket: str | None = Field(default=None, min_length=1, max_length=64)
    member: str | None = Field(default=None, min_length=1, max_length=LONGEST_HANDLE)


class Finding(BaseModel):
    """Whether it can be sold again."""

    model_config = ConfigDict(extra="forbid")

    sound: bool


class ReturnAnswer(TypedDict):
    """A return as it stood last."""

    id: str
    product: str
    quantity: int
    state: ReturnState


def returns_routes(door: Door, ask: Callable[[Input], Awaitable[object]]) -> APIRouter:
    """The routes. `ask` gives the step's answer once it is committed."""
    router = APIRouter()
    staff = Depends(door.admit("staff"))

    @router.post("/v1/returns", status_code=201)
    async def post_returns(goods: Goods, _: Annotated[Credential, staff]) -> ReturnAnswer:
        """Goods are on the desk."""
        product = gtin(goods.product, "product")
        received = ReceiveReturn(product, goods.quantity, goods.reason, goods.ticket, goods.member)
        return _answer(await served(ask, received, Return))

    @router.post("/v1/returns/{id}/check")
    async def post_return_check(id: str, found: Finding, _: Annotated[Credential, staff]) -> ReturnAnswer:  # noqa: A002
        """Somebody looked at them. What is not sound is over with this."""
        return _answer(await served(ask, CheckReturn(id, found.sound), Return))

    @router.post("/v1/returns/{id}/restock")
    async def post_return_restock(id: str, _: Annotated[Credential, staff]) -> ReturnAnswer:  # noqa: A002
        """They are on the shelf: the stock is higher by them."""
        return _answer(await served(ask, RestockReturn(id), Return))

    return router


def _answer(returned: Return) -> ReturnAnswer:
    return ReturnAnswer(id=returned.id, product=returned.product, quantity=returned.quantity, state=returned.state)
