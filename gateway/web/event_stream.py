"""`GET /v1/live`: the live view as server-sent events (WHATWG HTML, section "Server-sent events")."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from starlette.types import Receive, Scope, Send

from gateway.web.credentials import Credential
from gateway.web.door import Door
from gateway.web.live import Live

STALLED_S: Final = 20.0
"""A client that takes nothing for so long (seconds) is given up."""


class EventStream(Response):
    """Sends a subscription's messages until the client goes, stalls, loses its credential, or the gateway stops."""

    media_type = "text/event-stream"

    def __init__(self, live: Live, viewer: Credential, left_s: float) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._live = live
        self._viewer = viewer
        self._left_s = left_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an ASGI application."""
        telling = asyncio.create_task(self._tell(send), name="http:live")
        gone = asyncio.create_task(_gone(receive), name="http:live-gone")
        try:
            await asyncio.wait({telling, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (telling, gone):
                task.cancel()
            await asyncio.wait({telling, gone})
        if not telling.cancelled() and (error := telling.exception()) is not None:
            raise error

    async def _tell(self, send: Send) -> None:
        async def part(body: bytes, more: bool) -> None:
            async with asyncio.timeout(STALLED_S):
                await send({"type": "http.response.body", "body": body, "more_body": more})

        with self._live.subscribe(self._viewer) as messages:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            with suppress(TimeoutError):
                async with asyncio.timeout(self._left_s):
                    async for message in messages:
                        await part(message, more=True)
            await part(b"", more=False)


def live_route(live: Live, door: Door, utc_s: Callable[[], float]) -> APIRouter:
    """The route."""
    router = APIRouter()

    @router.get(
        "/v1/live",
        response_class=Response,
        responses={200: {"content": {"text/event-stream": {}}, "description": "Events snapshot, commit, standing."}},
    )
    async def get_live(viewer: Annotated[Credential, Depends(door.admit("member", "staff", "display"))]) -> Response:
        """What happens in the shop, as server-sent events; each scope sees its own."""
        await live.prepare()
        return EventStream(live, viewer, viewer.until_utc_s - utc_s())

    return router


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
