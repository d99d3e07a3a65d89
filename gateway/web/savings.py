"""`GET /v1/savings`: what a member saved and earned at the tills; a till hears the same when it has spent an offer."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from typing_extensions import TypedDict

from gateway.model.inputs import Input
from gateway.model.savings import Saved, ShowSaved
from gateway.model.time import rfc3339
from gateway.web.credentials import Credential, handle_of
from gateway.web.door import Door


class Savings(TypedDict):
    """What redemptions saved in the last visit in which there were any, and in all `since` then; the points earned.

    Amounts are in the tills' currency; `visit` and `since` are null where nothing is known.
    """

    visit: str | None
    in_visit: float
    in_all: float
    points: float
    since: str | None


def savings_route(door: Door, ask: Callable[[Input], Awaitable[object]]) -> APIRouter:
    """The route. `ask` gives the step's answer once it is committed."""
    router = APIRouter()

    @router.get("/v1/savings")
    async def get_savings(member: Annotated[Credential, Depends(door.admit("member"))]) -> Savings:
        """What the member saved here."""
        return await savings_of(handle_of(member), ask)

    return router


async def savings_of(handle: str, ask: Callable[[Input], Awaitable[object]]) -> Savings:
    """The savings of the member of this handle, all zero where none are known."""
    saved = await ask(ShowSaved(handle))
    if not isinstance(saved, Saved):
        return Savings(visit=None, in_visit=0.0, in_all=0.0, points=0.0, since=None)
    return Savings(
        visit=saved.visit,
        in_visit=float(saved.in_visit),
        in_all=float(saved.in_all),
        points=float(saved.points),
        since=rfc3339(saved.since.utc_s),
    )
