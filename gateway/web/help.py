"""`/v1/help`: anybody in the shop asks for a seller; a seller takes it on, and is done with it."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gateway.model.help import AskHelp, ClaimHelp, CloseHelp, HelpRequest
from gateway.model.inputs import Input
from gateway.model.time import rfc3339
from gateway.web.credentials import Credential, handle_of
from gateway.web.door import Door, address_of
from gateway.web.in_force import InForce
from gateway.web.problems import Problem
from gateway.web.repeats import IdempotencyKey, Repeats
from gateway.web.served import Gtin, Name, gtin, served


class HelpWanted(BaseModel):
    """What for; `marker` is the code of the shop that one stands at, which says where, and perhaps which product."""

    model_config = ConfigDict(extra="forbid")

    product: Gtin | None = None
    size: str | None = Field(default=None, min_length=1, max_length=32)
    notes: str | None = Field(
        default=None, min_length=1, max_length=500, description="For the seller; stays in the shop."
    )
    marker: str | None = Field(default=None, max_length=128)


class Seller(BaseModel):
    """Who takes it on."""

    model_config = ConfigDict(extra="forbid")

    seller: Name


class Outcome(BaseModel):
    """How it ended."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal["served", "not_found"] = "served"


class HelpAnswer(TypedDict):
    """An open request; `seller` is who is on the way."""

    help: str
    since: str
    zone: str | None
    product: str | None
    size: str | None
    seller: str | None


def help_routes(
    door: Door, ask: Callable[[Input], Awaitable[object]], in_force: InForce, repeats: Repeats
) -> APIRouter:
    """The routes. `ask` gives the step's answer once it is committed."""
    router = APIRouter()
    anybody, staff = Depends(door.guest_or("member")), Depends(door.admit("staff"))

    @router.post("/v1/help", status_code=201)
    async def post_help(
        wanted: HelpWanted,
        asker: Annotated[Credential | None, anybody],
        request: Request,
        key: IdempotencyKey = None,
    ) -> HelpAnswer:
        """I would like a seller. A member who asks again changes what is wanted."""
        what = _ask(wanted, asker, in_force)

        async def asked() -> HelpAnswer:
            return help_answer(await served(ask, what, HelpRequest))

        who = address_of(request) if asker is None else asker.name
        return await repeats.once(who, key, f"help {wanted.model_dump_json()}", asked)

    @router.post("/v1/help/{help}/claim")
    async def post_help_claim(help: str, seller: Seller, _: Annotated[Credential, staff]) -> HelpAnswer:  # noqa: A002
        """A seller goes there."""
        return help_answer(await served(ask, ClaimHelp(help, seller.seller), HelpRequest))

    @router.post("/v1/help/{help}/close")
    async def post_help_close(
        help: str,  # noqa: A002 - the path's own word
        _: Annotated[Credential, staff],
        outcome: Outcome = Outcome(),  # noqa: B008 - the body may be left out
    ) -> HelpAnswer:
        """It is done with; what it was about, for the last time."""
        return help_answer(await served(ask, CloseHelp(help, outcome.outcome), HelpRequest))

    return router


def _ask(wanted: HelpWanted, asker: Credential | None, in_force: InForce) -> AskHelp:
    marker = in_force.floorplan.markers.get(wanted.marker or "")
    if wanted.marker is not None and marker is None:
        raise Problem("not_found", "The shop has no such marker.")
    product = gtin(wanted.product, "product") if wanted.product else (marker.product if marker else None)
    zone = marker.zone if marker else None
    return AskHelp(handle_of(asker) if asker else None, zone, product, wanted.size, wanted.notes)


def help_answer(request: HelpRequest) -> HelpAnswer:
    """A request as who asked may see it."""
    return HelpAnswer(
        help=request.id,
        since=rfc3339(request.since.utc_s),
        zone=request.zone,
        product=request.product,
        size=request.size,
        seller=request.seller,
    )
