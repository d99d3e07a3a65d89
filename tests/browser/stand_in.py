"""A gateway for the pages' tests: it serves the real pages and says on the live view whatever a test wants said."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gateway.web.options import HttpOptions
from gateway.web.page_files import page_routes
from gateway.web.server import bind, serve

FIXTURES: Final = Path(__file__).parents[1] / "fixtures"
SNAPSHOT: Final[Mapping[str, Any]] = json.loads((FIXTURES / "live_snapshot.json").read_text())
COMMIT: Final[Mapping[str, Any]] = json.loads((FIXTURES / "live_commit.json").read_text())
DESK: Final[Mapping[str, Any]] = json.loads((FIXTURES / "desk.json").read_text())

DEEDS: Final = ("/cut", "/kill-adapter", "/stop-camera", "/unplug-scanner", "/silence", "/shopper", "/scan", "/tap")
NAMES: Final = {"en": "Trainers", "fr": "Baskets"}
"""What every product is called."""
CODE: Final = "K7QM-2XPA-9RTD"
COOKIE: Final = "proximity_session"


class StandIn:
    """What the pages talk to.

    Attributes:
        snapshot: The first message of every stream.
        desk: What waits for sellers; None: it cannot be said.
        codes: Every code that was handed in.
        wishes: What the simulator was asked for: path and body.
        away: Whether it is out of reach: streams are broken off, and asking for one is 503.
    """

    def __init__(self) -> None:
        self.snapshot: dict[str, Any] = copy.deepcopy(dict(SNAPSHOT))
        self.desk: dict[str, Any] | None = copy.deepcopy(dict(DESK))
        self.codes: list[str] = []
        self.wishes: list[tuple[str, Any]] = []
        self.away = False
        self.origin = ""
        self._streams: set[asyncio.Queue[bytes | None]] = set()

    @classmethod
    @asynccontextmanager
    async def served(cls) -> AsyncIterator[Self]:
        """One on a free port of the loopback, which is its simulator's too."""
        stand_in = cls()
        with bind(HttpOptions("127.0.0.1:0")) as listening:
            stand_in.origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
            serving = asyncio.create_task(serve(stand_in._app(), listening))
            try:
                yield stand_in
            finally:
                stand_in.break_off()
                serving.cancel()
                with suppress(asyncio.CancelledError):
                    await serving

    def say(self, event: str, message: Mapping[str, Any]) -> None:
        """Send a message on every stream."""
        for stream in self._streams:
            stream.put_nowait(framed(event, message))

    def break_off(self) -> None:
        """End every stream."""
        for stream in self._streams:
            stream.put_nowait(None)

    def _app(self) -> FastAPI:
        deeds = [Route(path, self._deed, methods=["POST"]) for path in DEEDS]
        own = [
            Route("/v1/sessions", self._sessions, methods=["POST", "DELETE"]),
            Route("/v1/live", self._live),
            Route("/v1/desk", self._desk),
            Route("/v1/products/{gtin}", self._product),
        ]
        return FastAPI(openapi_url=None, routes=[*own, *deeds, *page_routes(None)])

    async def _sessions(self, request: Request) -> Response:
        if request.method == "DELETE":
            ended = Response(status_code=204)
            ended.delete_cookie(COOKIE)
            return ended
        code = (await request.json())["code"]
        self.codes.append(code)
        if code != CODE:
            return JSONResponse({"code": "bad_code", "status": 401}, 401)
        opened = JSONResponse({"token": "t", "scope": "staff"}, 201)
        opened.set_cookie(COOKIE, "t", httponly=True, samesite="strict")
        return opened

    async def _desk(self, _: Request) -> Response:
        return JSONResponse({"code": "busy", "status": 503}, 503) if self.desk is None else JSONResponse(self.desk)

    async def _product(self, request: Request) -> Response:
        return JSONResponse({"product": {"gtin": request.path_params["gtin"], "names": NAMES}})

    async def _live(self, request: Request) -> Response:
        if COOKIE not in request.cookies:
            return JSONResponse({"code": "unauthorised", "status": 401}, 401)
        if self.away:
            return JSONResponse({"code": "stopping", "status": 503}, 503)
        return StreamingResponse(self._messages(), media_type="text/event-stream")

    async def _messages(self) -> AsyncIterator[bytes]:
        waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._streams.add(waiting)
        try:
            yield framed("snapshot", self.snapshot)
            while (message := await waiting.get()) is not None:
                yield message
        finally:
            self._streams.remove(waiting)

    async def _deed(self, request: Request) -> Response:
        wish = await request.json()
        self.wishes.append((request.url.path, wish))
        if request.url.path == "/shopper":
            return JSONResponse({"code": "nobody_away", "detail": "Nobody is left to come."}, 409)
        return JSONResponse(wish)


def framed(event: str, message: Mapping[str, Any]) -> bytes:
    """A server-sent event, in two pieces of `data`, as the standard allows."""
    head, tail = json.dumps(message, indent=1).split("\n", 1)
    return f"event: {event}\ndata: {head}\ndata: {tail.replace(chr(10), ' ')}\n\n: a comment\n\n".encode()
