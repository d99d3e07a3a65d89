"""`POST /v1/checkins`: a member says "I am here" and hears at once what was decided."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict

from gateway.model.decision import Offered, Withheld
from gateway.model.inputs import Input
from gateway.model.sighting import CheckIn, Sighting
from gateway.web.answers import DecisionAnswer, decision_answer
from gateway.web.credentials import Credential
from gateway.web.door import Door
from gateway.web.in_force import InForce
from gateway.web.problems import Problem
from gateway.web.repeats import IdempotencyKey, Repeats
from gateway.web.shop_view import ShopView


class Arrival(BaseModel):
    """How the member came to say so."""

    model_config = ConfigDict(extra="forbid")

    method: Literal["app", "qr", "hand"] = "app"


class CheckedIn(TypedDict):
    """The visit it counts for, the zone if known, and what was decided at this moment."""

    visit: str | None
    zone: str | None
    decisions: list[DecisionAnswer]


def checkins_route(
    door: Door, ask: Callable[[Input], Awaitable[object]], view: ShopView, in_force: InForce, repeats: Repeats
) -> APIRouter:
    """The route. `ask` gives the step's answer once it is committed."""
    router = APIRouter()

    @router.post("/v1/checkins")
    async def post_checkins(
        member: Annotated[Credential, Depends(door.admit("member"))],
        arrival: Arrival = Arrival(),  # noqa: B008 - the body may be left out
        key: IdempotencyKey = None,
    ) -> CheckedIn:
        """I am here. Answered after the commit, with what was decided."""

        async def check_in() -> CheckedIn:
            subject = str(member.subject)
            decided = await ask(Sighting("app", "app", CheckIn(subject.removeprefix("m."), arrival.method)))
            if not isinstance(decided, tuple):
                detail = "This shop does not recognise the member: unknown here, or not agreed to be recognised."
                raise Problem("not_recognised", detail)
            here = view.here.get(subject)
            own = [each for each in decided if isinstance(each, Offered | Withheld) and each.subject == subject]
            return CheckedIn(
                visit=here.visit if here else None,
                zone=here.zone if here else None,
                decisions=[decision_answer(each, in_force.words(each)) for each in own],
            )

        return await repeats.once(member.name, key, f"checkins {arrival.model_dump_json()}", check_in)

    return router
