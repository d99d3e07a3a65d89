"""`/v1/sessions`: a one-time code becomes a session of a person at a screen, which can be ended."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gateway.model.time import rfc3339
from gateway.storage.ended_sessions import EndedSessions
from gateway.storage.invites import Invites
from gateway.web.credentials import SCOPES, Credential
from gateway.web.door import COOKIE, Door, address_of
from gateway.web.live import Live
from gateway.web.problems import Problem
from gateway.web.session_tokens import SESSION_S, SessionTokens

PEOPLE: Final = tuple(scope for scope in SCOPES if scope != "visitor")
"""Who has something to look at or to end: a visitor's token is for one check-in, made without asking anybody."""

_log = structlog.get_logger("web")


class Code(BaseModel):
    """The code that `proximity-gateway invite` printed."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=4, max_length=64)


class Session(TypedDict):
    """A session: its token is the cookie's value too, and serves as a bearer credential."""

    token: str
    scope: str
    until: str


class WhoAmI(TypedDict):
    """What the credential that was shown proves."""

    scope: str
    subject: str | None
    until: str


@dataclass(frozen=True, slots=True)
class SessionBook:
    """What opens and ends sessions; `utc_s` is the wall clock (seconds since 1970)."""

    tokens: SessionTokens
    invites: Invites
    ended: EndedSessions
    utc_s: Callable[[], float]

    async def open(self, code: str) -> tuple[str, Credential] | None:
        """The token of a new session for a code, and what it proves; None for a code that is no good."""
        scope = await asyncio.to_thread(self.invites.take, code, self.utc_s())
        return self.tokens.issue(scope, self.utc_s()) if scope in PEOPLE else None

    async def end(self, session: str, until_utc_s: float) -> None:
        """End a session that would have lasted until then; raises StorageUnavailable."""
        await asyncio.to_thread(self.ended.add, session, until_utc_s, self.utc_s())


def sessions_routes(door: Door, book: SessionBook, live: Live) -> APIRouter:
    """The routes."""
    router = APIRouter()
    anybody = Annotated[Credential, Depends(door.admit(*PEOPLE))]

    @router.post("/v1/sessions", status_code=201)
    async def post_sessions(code: Code, request: Request, response: Response) -> Session:
        """Turn a one-time code into a session of 12 hours."""
        door.check_attempts(address_of(request))
        opened = await book.open(code.code)
        if opened is None:
            door.attempts.failed(address_of(request))
            raise Problem("bad_code", "The code is wrong, used already, or too old. Ask for a new one.")
        door.attempts.succeeded(address_of(request))
        token, session = opened
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, token, int(SESSION_S), httponly=True, samesite="strict", secure=secure)
        _log.info("session_opened", scope=session.scope)
        return Session(token=token, scope=session.scope, until=rfc3339(session.until_utc_s))

    @router.get("/v1/sessions")
    async def get_sessions(asker: anybody) -> WhoAmI:
        """What the credential of this request proves."""
        return WhoAmI(scope=asker.scope, subject=asker.subject, until=rfc3339(asker.until_utc_s))

    @router.delete("/v1/sessions", status_code=204)
    async def delete_sessions(asker: anybody, response: Response) -> None:
        """End the session of this request: its token and its streams."""
        if asker.session is None:
            raise Problem("forbidden", "This credential is no session; whoever issued it can end it.")
        try:
            await book.end(asker.session, asker.until_utc_s)
        finally:
            door.forget(asker.session)
            live.close(asker.session)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")
        _log.info("session_ended", scope=asker.scope)

    return router
