"""`GET` and `PUT /v1/consents`: a member sees what it agreed to, in plain words, and changes it with effect at once."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gateway.core.purposes import PURPOSES
from gateway.model.consent import Agreed, AskConsent, Method, NotHere, SayConsent
from gateway.model.inputs import Input
from gateway.web.credentials import Credential, handle_of
from gateway.web.door import Door
from gateway.web.problems import Problem
from gateway.web.purpose_words import PURPOSE_WORDS, PurposeWords

PurposeName = Literal["presence", "offers", "analytics", "retarget", "staff_assist"]
ChannelName = Literal["push", "email", "sms", "phone", "post"]


class Word(BaseModel):
    """What the member agrees to from now on; what is not in it is withdrawn."""

    model_config = ConfigDict(extra="forbid")

    purposes: list[PurposeName]
    channels: list[ChannelName] | None = Field(default=None, description="Left out: as before.")
    method: Method = "app"
    language: str | None = Field(
        default=None,
        max_length=35,
        pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
        description="Of the notice that the member read (BCP 47).",
    )


class PurposeAnswer(TypedDict):
    """One purpose, whether the member agreed to it, and what it means, by language."""

    purpose: str
    agreed: bool
    words: Mapping[str, PurposeWords]


class ConsentsAnswer(TypedDict):
    """What holds now; `channels` is null while nobody asked the member, `record` while nothing was said here."""

    purposes: list[PurposeAnswer]
    channels: list[str] | None
    record: Mapping[str, object] | None


def consents_routes(
    door: Door, ask: Callable[[Input], Awaitable[object]], seek: Callable[[str], Awaitable[None]]
) -> APIRouter:
    """The routes. `ask` gives the step's answer once it is committed, `seek` finds beforehand what waits."""
    router = APIRouter()

    @router.get("/v1/consents")
    async def get_consents(member: Annotated[Credential, Depends(door.admit("member"))]) -> ConsentsAnswer:
        """What I agreed to."""
        return _answer(await ask(AskConsent(handle_of(member))))

    @router.put("/v1/consents")
    async def put_consents(
        member: Annotated[Credential, Depends(door.admit("member", costly=True))], word: Word
    ) -> ConsentsAnswer:
        """I agree to this, and to nothing else. Answered after the commit; what rested on the rest is gone then."""
        await seek(str(member.subject))
        channels = None if word.channels is None else frozenset(word.channels)
        said = SayConsent(handle_of(member), frozenset(word.purposes), channels, word.method, word.language)
        return _answer(await ask(said))

    return router


def refused(answer: NotHere) -> Problem:
    """The problem that such an answer is."""
    if answer.reason == "too_many":
        return Problem("busy", answer.says, retry_after_s=60)
    return Problem("not_recognised", answer.says)


def _answer(agreed: object) -> ConsentsAnswer:
    if isinstance(agreed, NotHere):
        raise refused(agreed)
    assert isinstance(agreed, Agreed)  # noqa: S101 - what the engine answers
    return ConsentsAnswer(
        purposes=[
            PurposeAnswer(purpose=name, agreed=name in agreed.purposes, words=PURPOSE_WORDS[name]) for name in PURPOSES
        ],
        channels=None if agreed.channels is None else list(agreed.channels),
        record=agreed.record,
    )
