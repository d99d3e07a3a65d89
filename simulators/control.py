"""The control server: what the page's buttons, or curl, make happen in a simulated shop."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Annotated, Any, Final, Protocol, Self

import uvicorn
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

LONGEST_S: Final = 120.0
"""No fault lasts longer (seconds)."""
GOODBYE_S: Final = 1

Answer = Mapping[str, object]


class NotNow(Exception):
    """What was asked for cannot be done now: `code` says why in a word, the text in a sentence."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code


class Deeds(Protocol):
    """What can be made to happen. Each gives what it did, in a word or number a key, or raises `NotNow`."""

    def cut(self, seconds: float) -> Answer:
        """The internet fails for so long."""

    def kill_adapter(self, seconds: float, adapter: str | None) -> Answer:
        """A Bluetooth adapter (the first one) is pulled out for so long."""

    def silence(self, seconds: float, beacon: str | None) -> Answer:
        """A fixed beacon (the first one) sends nothing for so long."""

    def stop_camera(self, seconds: float) -> Answer:
        """The camera gives no picture for so long."""

    def unplug_scanner(self, seconds: float) -> Answer:
        """The hand scanner is unplugged for so long."""

    def send_in(self, name: str | None) -> Answer:
        """Somebody who is away comes in from the street."""

    def scan(self, marker: str | None) -> Answer:
        """A marker (the first one) is held to a camera."""

    def tap(self, marker: str | None) -> Answer:
        """A marker's tag (the first one) is held to an NFC reader."""

    def state(self) -> Answer:
        """Everything that is true of the shop now."""


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Lasting(_Wish):
    seconds: Annotated[float, Field(gt=0, le=LONGEST_S)] = 10.0


class _Pulled(_Lasting):
    adapter: str | None = None


class _Silenced(_Lasting):
    seconds: Annotated[float, Field(gt=0, le=LONGEST_S)] = LONGEST_S
    beacon: str | None = None


class _SentIn(_Wish):
    name: str | None = None


class _Scanned(_Wish):
    marker: str | None = None


def control_app(deeds: Deeds, page_origin: str) -> Starlette:
    """`POST` of the routes below, and `GET /state`; `page_origin` alone from a browser.

    A wish that cannot be read is 422, one that cannot be granted now 409, both with `detail` in words, the
    latter with a `code` too.
    """

    async def state(request: Request) -> Response:
        return JSONResponse(dict(deeds.state()))

    routes = [
        Route("/cut", _deed(_Lasting, lambda wish: deeds.cut(wish.seconds), page_origin), methods=["POST"]),
        Route(
            "/kill-adapter",
            _deed(_Pulled, lambda wish: deeds.kill_adapter(wish.seconds, wish.adapter), page_origin),
            methods=["POST"],
        ),
        Route(
            "/silence",
            _deed(_Silenced, lambda wish: deeds.silence(wish.seconds, wish.beacon), page_origin),
            methods=["POST"],
        ),
        Route(
            "/stop-camera", _deed(_Lasting, lambda wish: deeds.stop_camera(wish.seconds), page_origin), methods=["POST"]
        ),
        Route(
            "/unplug-scanner",
            _deed(_Lasting, lambda wish: deeds.unplug_scanner(wish.seconds), page_origin),
            methods=["POST"],
        ),
        Route("/shopper", _deed(_SentIn, lambda wish: deeds.send_in(wish.name), page_origin), methods=["POST"]),
        Route("/scan", _deed(_Scanned, lambda wish: deeds.scan(wish.marker), page_origin), methods=["POST"]),
        Route("/tap", _deed(_Scanned, lambda wish: deeds.tap(wish.marker), page_origin), methods=["POST"]),
        Route("/state", state),
    ]
    cors = Middleware(
        CORSMiddleware, allow_origins=[page_origin], allow_methods=["GET", "POST"], allow_headers=["content-type"]
    )
    return Starlette(routes=routes, middleware=[cors])


def _deed(
    form: type[_Wish], grant: Callable[[Any], Answer], page_origin: str
) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        if request.headers.get("origin", page_origin) != page_origin:
            return JSONResponse({"detail": "Only the gateway's own page may ask this from a browser."}, 403)
        try:
            wish = form.model_validate_json(await request.body() or b"{}")
            return JSONResponse(dict(grant(wish)))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            return JSONResponse({"detail": wrong}, 422)
        except NotNow as refusal:
            return JSONResponse({"code": refusal.code, "detail": str(refusal)}, 409)

    return answered


class ControlServer:
    """Serves the controls while its context is entered, on any free port of the loopback.

    Attributes:
        origin: Where, `http://127.0.0.1:PORT`; taken from the begin, so that a gateway's settings can name it.
    """

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    def begin(self, app: Starlette) -> None:
        """Serve `app` from now on."""
        config = uvicorn.Config(
            app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=GOODBYE_S
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._listening]), name="simulator-control")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving
        self._listening.close()


class _Server(uvicorn.Server):
    """uvicorn without its own way of taking signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
