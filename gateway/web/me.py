"""`GET` and `DELETE /v1/me`: a member takes along all that is kept, or is forgotten."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Response
from typing_extensions import TypedDict

from gateway.core.export import exported
from gateway.core.privacy_options import PrivacyOptions
from gateway.model.commands import ErasedState
from gateway.model.consent import Export, NotHere
from gateway.model.decision import Decision
from gateway.model.event import Event
from gateway.model.inputs import Erase, Input
from gateway.model.personal import Held
from gateway.storage.erasure import ErasedRows
from gateway.web.consents import refused
from gateway.web.credentials import Credential, handle_of
from gateway.web.door import Door


class PersonalRows(Protocol):
    """What is stored of a subject beside the records: `gateway.storage.personal.PersonalRows`, or a fake."""

    async def decisions(self, subject: str) -> Iterable[Decision]:
        """What was decided for it, newest first."""

    async def waiting(self, subject: str) -> Iterable[Event]:
        """Its events that head office does not have yet."""

    async def seek(self, subject: str) -> None:
        """Find its events, before they are taken away."""

    def outcome(self, subject: str) -> ErasedRows | None:
        """What an erasure took, told once."""


class ErasedAnswer(TypedDict):
    """How much of each kind went."""

    erased: dict[str, int]


def me_routes(
    door: Door, ask: Callable[[Input], Awaitable[object]], rows: PersonalRows, options: PrivacyOptions
) -> APIRouter:
    """The routes. `ask` gives the step's answer once it is committed."""
    router = APIRouter()
    themselves = Depends(door.admit("member", costly=True))

    @router.get("/v1/me", response_model=dict[str, Any])
    async def get_me(member: Annotated[Credential, themselves]) -> Response:
        """All that is kept of me here."""
        subject = str(member.subject)
        held = await ask(Export(handle_of(member)))
        if isinstance(held, NotHere):
            raise refused(held)
        assert isinstance(held, Held)  # noqa: S101 - what the engine answers
        decisions, waiting = await rows.decisions(subject), await rows.waiting(subject)
        document = await asyncio.to_thread(lambda: json.dumps(exported(held, decisions, waiting, options)))
        return Response(document, media_type="application/json")

    @router.delete("/v1/me")
    async def delete_me(member: Annotated[Credential, themselves]) -> ErasedAnswer:
        """Forget me. Answered after the commit; may be sent again."""
        subject = str(member.subject)
        await rows.seek(subject)
        held = await ask(Erase(handle_of(member)))
        assert isinstance(held, ErasedState)  # noqa: S101 - what the engine answers
        went = rows.outcome(subject)
        return ErasedAnswer(erased=asdict(held) | ({} if went is None else asdict(went)))

    return router
