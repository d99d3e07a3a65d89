"""`POST /v1/checkins`: a member says "I am here" and hears at once what was decided; so may a visitor, unknown."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gateway.codecs.meanings import MAX_MARKER_CHARS
from gateway.codecs.member_code import LONGEST_CHARS
from gateway.model.decision import Offered, Withheld
from gateway.model.inputs import Input
from gateway.model.meaning import SAYS, KeptOut
from gateway.model.sighting import PAGE, CheckIn, CodeText, GuestCheckIn, Sighting
from gateway.web.answers import DecisionAnswer
from gateway.web.credentials import Credential
from gateway.web.door import Door
from gateway.web.in_force import InForce
from gateway.web.problems import Problem
from gateway.web.repeats import IdempotencyKey, Repeats
from gateway.web.sellers_only import told_to_member
from gateway.web.shop_view import ShopView

VISITORS: Final = 5_000
"""Check-ins of visitors that are remembered: more than there are tokens that hold."""
UNKNOWN: Final = "This shop does not recognise the member: unknown here, or not agreed to be recognised."


class Arrival(BaseModel):
    """How the member came to say so; the marker behind which a page was opened; what the member's app shows."""

    model_config = ConfigDict(extra="forbid")

    method: Literal["app", "qr", "hand"] = "app"
    marker: str | None = Field(default=None, max_length=MAX_MARKER_CHARS, description="Of the shopper's page.")
    code: str | None = Field(
        default=None, max_length=LONGEST_CHARS, pattern="^PX1:", description="A member's signed code."
    )


class CheckedIn(TypedDict):
    """The visit it counts for (a visitor's: none), the zone if known, and what was decided at this moment."""

    visit: str | None
    zone: str | None
    decisions: list[DecisionAnswer]


class CheckIns:
    """Hands check-ins to the engine and says what came of them; `ask` gives the step's answer once it is committed."""

    def __init__(self, ask: Callable[[Input], Awaitable[object]], view: ShopView, in_force: InForce) -> None:
        self._ask = ask
        self._view = view
        self._in_force = in_force

    async def by_code(self, arrival: Arrival) -> CheckedIn:
        """Of whoever's code it is. Raises Problem: `not_recognised`, with the reason."""
        decided = await self._ask(Sighting("code", PAGE, CodeText("qr_code", str(arrival.code))))
        if not isinstance(decided, tuple):
            raise _refused(decided)
        return self._answer(decided, None)

    async def by_credential(self, arrival: Arrival, subject: str) -> CheckedIn:
        """Of the member of a credential. Raises Problem: `not_recognised`."""
        decided = await self._ask(Sighting("app", "app", CheckIn(subject.removeprefix("m."), arrival.method)))
        if not isinstance(decided, tuple):
            raise Problem("not_recognised", UNKNOWN)
        return self._answer(decided, subject)

    async def as_guest(self, arrival: Arrival) -> CheckedIn:
        """Of somebody whom nobody knows."""
        zone = await self._ask(Sighting("app", PAGE, GuestCheckIn(arrival.marker)))
        return CheckedIn(visit=None, zone=str(zone) if zone else None, decisions=[])

    def _answer(self, decided: tuple[object, ...], subject: str | None) -> CheckedIn:
        own = [each for each in decided if isinstance(each, Offered | Withheld) and subject in {None, each.subject}]
        here = self._view.here.get(subject or next((each.subject for each in own), ""))
        return CheckedIn(
            visit=here.visit if here else None,
            zone=here.zone if here else None,
            decisions=told_to_member(own, self._in_force),
        )


def checkins_route(door: Door, checkins: CheckIns, repeats: Repeats) -> APIRouter:
    """The route."""
    router, visitors = APIRouter(), Repeats(VISITORS)

    @router.post("/v1/checkins")
    async def post_checkins(
        asker: Annotated[Credential, Depends(door.admit("member", "visitor"))],
        arrival: Arrival = Arrival(),  # noqa: B008 - the body may be left out
        key: IdempotencyKey = None,
    ) -> CheckedIn:
        """I am here. Answered after the commit, with what was decided. A visitor's token counts once."""
        asked = f"checkins {arrival.model_dump_json()}"
        if arrival.code is not None:
            return await repeats.once(asker.name, key, asked, partial(checkins.by_code, arrival))
        if asker.subject is None:
            return await visitors.once(asker.name, "arrival", "checkins", partial(checkins.as_guest, arrival))
        return await repeats.once(asker.name, key, asked, partial(checkins.by_credential, arrival, asker.subject))

    return router


def _refused(decided: object) -> Problem:
    """Why a code is not taken."""
    if isinstance(decided, KeptOut) and decided.reason in SAYS:
        return Problem("not_recognised", SAYS[decided.reason], reason=decided.reason)
    return Problem("not_recognised", UNKNOWN)
