"""What every request passes: how often an address may ask, how large and slow a body may be, what a fault answers."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from math import ceil
from types import MappingProxyType
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.runtime.errors import place_of
from gateway.web.buckets import Buckets, Rate
from gateway.web.problems import Problem, respond

MOST_BODY_BYTES: Final = 65_536
LONGER: Final = MappingProxyType({"/v1/pictures": 262_144})
"""Addresses whose bodies may be longer (bytes)."""
MOST_LONG: Final = 16
"""Of those, so many are read at a time: they are in memory before anybody asks whose they are."""
BODY_S: Final = 10.0
"""How long a body may take to arrive (seconds)."""
MOST_HEAD_BYTES: Final = 16_384
SWALLOWED_BYTES: Final = 1 << 20
SWALLOW_S: Final = 0.5
"""How much, and how long (seconds), is read of a body that is not taken before the refusal is sent."""
RATE: Final = Rate(per_s=100.0, burst=400)
"""How often one address may ask; several people may share it."""

_log = structlog.get_logger("web")


class Intake:
    """Reads the body before the application sees the request; refuses what is too much with a problem document."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        mono_s: Callable[[], float],
        answered: Callable[[str, int], None],
        rate: Rate = RATE,
        body_s: float = BODY_S,
    ) -> None:
        self._app = app
        self._buckets = Buckets(rate, mono_s)
        self._answered = answered
        self._body_s = body_s
        self._long = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request."""
        if scope["type"] != "http":
            return
        client = scope.get("client")
        wait_s = self._buckets.take(client[0] if client else "")
        if wait_s:
            detail = "This address asks too often; wait as long as Retry-After says."
            problem = Problem("too_many_requests", detail, retry_after_s=ceil(wait_s))
            await self._refuse(problem, scope, receive, send)
            return
        try:
            _check_head(scope)
            body = await self._bounded(scope, receive)
        except Problem as problem:
            await _swallow(scope, receive)
            await self._refuse(problem, scope, receive, send)
            return
        if body is not None:
            await self._answer(body, scope, receive, send)

    async def _answer(self, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        status = 0
        given = False

        async def read() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, read, note)
        except Exception as error:
            _log.error("request_failed", route=_route(scope), error=type(error).__name__, where=place_of(error))
            if status:
                raise
            await self._refuse(Problem("internal", "The gateway failed at this request."), scope, receive, send)
            return
        self._answered(_route(scope), status)

    async def _bounded(self, scope: Scope, receive: Receive) -> bytes | None:
        """The whole body; of those that may be long, no more than a few at a time. None when the client went away."""
        most = LONGER.get(scope["path"])
        if most is None or scope["method"] != "POST":
            return await self._body(scope, receive, MOST_BODY_BYTES)
        if self._long >= MOST_LONG:
            raise Problem("busy", "Too many send something long at once. Ask again in a moment.", retry_after_s=1)
        self._long += 1
        try:
            return await self._body(scope, receive, most)
        finally:
            self._long -= 1

    async def _body(self, scope: Scope, receive: Receive, most: int) -> bytes | None:
        for name, value in scope["headers"]:
            if name == b"content-length" and int(value) > most:
                raise _too_large(most)
        body = b""
        try:
            async with asyncio.timeout(self._body_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += bytes(message.get("body", b""))
                    if len(body) > most:
                        raise _too_large(most)
                    if not message.get("more_body"):
                        return body
        except TimeoutError:
            detail = f"The body did not arrive within {self._body_s:g} s."
            raise Problem("slow_request", detail) from None

    async def _refuse(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        self._answered("other", problem.status)
        await respond(problem, close=problem.code != "too_many_requests")(scope, receive, send)


class SecurityHeaders:
    """What a browser is told of every response: load nothing from elsewhere, be framed by nobody, keep no copy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add headers to its response."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in HEADERS if each[0] not in given)]
            await send(message)

        await self._app(scope, receive, add)


HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)


def _check_head(scope: Scope) -> None:
    """h11 bounds only a head that comes in pieces."""
    size = len(scope["raw_path"] or b"") + len(scope["query_string"])
    if size + sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEAD_BYTES:
        raise Problem("bad_request", f"The head of a request has at most {MOST_HEAD_BYTES} bytes.")


async def _swallow(scope: Scope, receive: Receive) -> None:
    """Read a little of what will not be taken: closing on unread bytes would reset the connection over the answer."""
    if any(name == b"expect" for name, _ in scope["headers"]):
        return
    swallowed = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(SWALLOW_S):
            while swallowed < SWALLOWED_BYTES:
                message = await receive()
                swallowed += len(message.get("body", b""))
                if not message.get("more_body"):
                    return


def _route(scope: Scope) -> str:
    """The route's template, so that neither a person nor an attacker's text becomes a label."""
    return str(getattr(scope.get("route"), "path", "other"))


def _too_large(most: int) -> Problem:
    return Problem("too_large", f"A body has at most {most} bytes here.")
