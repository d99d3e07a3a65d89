"""`/v1/pictures`: a phone films a poster or a page of the catalogue, and hears what it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from typing_extensions import TypedDict

from gateway.codecs.picture_size import NoPicture, picture_size
from gateway.model.filmed import AGAIN, Filmed, Recognised, Unreadable
from gateway.model.meaning import KeptOut
from gateway.model.time import Now
from gateway.runtime.questions import NobodyAnswers, Questions
from gateway.web.answers import DecisionAnswer
from gateway.web.buckets import Buckets, Rate
from gateway.web.checkins import UNKNOWN
from gateway.web.credentials import Credential, handle_of
from gateway.web.door import Door, address_of
from gateway.web.in_force import InForce
from gateway.web.markers import MarkerAnswer, marker_answer
from gateway.web.problems import Problem
from gateway.web.sellers_only import told_to_member

RATE: Final = Rate(per_s=2.0, burst=10)
"""How many frames one address may send; a family may share it."""
LONGEST_PX: Final = 1920
"""The longest side of a frame."""
ANSWER_S: Final = 5.0
"""How long a frame may wait and be looked at (seconds)."""
_PICTURE: Final = {"schema": {"type": "string", "format": "binary"}}
_BODY: Final = {"required": True, "content": {"image/jpeg": _PICTURE, "image/png": _PICTURE}}


class PicturesHere(TypedDict):
    """Whether pictures are recognised here now: a page need not offer to film where they are not."""

    recognised: bool


class Shown(TypedDict):
    """The marker whose picture the frame shows (null: none that is known), and what was decided for a member."""

    marker: MarkerAnswer | None
    decisions: list[DecisionAnswer]


NOTHING: Final = Shown(marker=None, decisions=[])


def pictures_routes(
    door: Door, filmed: Questions[Filmed], in_force: InForce, now: Callable[[], Now], mono_s: Callable[[], float]
) -> APIRouter:
    """The routes; `now` is the shop's time, `mono_s` measures who asks too often."""
    router, addresses, under_way = APIRouter(), Buckets(RATE, mono_s), set[str]()

    @router.get("/v1/pictures")
    async def get_pictures() -> PicturesHere:
        """Whether pictures are recognised here. Nothing personal."""
        return PicturesHere(recognised=filmed.answered)

    @router.post("/v1/pictures", openapi_extra={"requestBody": _BODY})
    async def post_pictures(
        request: Request, asker: Annotated[Credential, Depends(door.admit("member", "visitor"))]
    ) -> Shown:
        """What is this a picture of? The frame is looked at and forgotten; answered after the commit."""
        wait_s = addresses.take(address_of(request))
        if wait_s:
            detail = "Too many frames come from this address; wait as long as Retry-After says."
            raise Problem("too_many_requests", detail, retry_after_s=ceil(wait_s))
        frame = await request.body()
        _check(frame)
        member = None if asker.subject is None else handle_of(asker)
        with _only_one(under_way, asker.name):
            answer = await _asked(filmed, Filmed(frame, asker.name, member))
        return _shown(answer, in_force, now(), member)

    return router


def _check(frame: bytes) -> None:
    """Refuse what is no picture, or too large a one, before anybody unpacks it."""
    try:
        columns, rows = picture_size(frame)
    except NoPicture as reason:
        raise Problem("invalid", f"This cannot be looked at: {reason}. Send one JPEG or PNG as the body.") from None
    if not 0 < max(columns, rows) <= LONGEST_PX:
        raise Problem("invalid", f"A frame has at most {LONGEST_PX} pixels a side: send it smaller.")


@contextmanager
def _only_one(under_way: set[str], who: str) -> Iterator[None]:
    """One frame at a time of each asker."""
    if who in under_way:
        raise Problem("too_many_requests", "Wait for the answer to the frame before.", retry_after_s=1)
    under_way.add(who)
    try:
        yield
    finally:
        under_way.discard(who)


async def _asked(filmed: Questions[Filmed], frame: Filmed) -> object:
    try:
        return await filmed.ask(frame, ANSWER_S)
    except NobodyAnswers:
        raise Problem("not_ready", "No pictures are recognised here at the moment.", retry_after_s=5) from None


def _shown(answer: object, in_force: InForce, now: Now, member: str | None) -> Shown:
    if isinstance(answer, Unreadable):
        raise Problem("invalid", f"This cannot be looked at: {answer.problem}.")
    marker = in_force.floorplan.markers.get(answer.marker) if isinstance(answer, Recognised) else None
    if not isinstance(answer, Recognised) or marker is None or isinstance(answer.outcome, KeptOut):
        return NOTHING
    decided = () if member is None or answer.outcome == AGAIN else answer.outcome
    if not isinstance(decided, tuple):
        raise Problem("not_recognised", UNKNOWN)
    return Shown(marker=marker_answer(marker, in_force, now), decisions=told_to_member(decided, in_force))
