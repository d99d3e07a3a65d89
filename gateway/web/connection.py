"""A connection: HTTP/1.1 by uvicorn and h11, with bounds on their number and on how slowly a request may come."""

import asyncio
import json
from typing import Any, Final, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from gateway.web.problems import MEDIA_TYPE, PROBLEMS

MOST_CONNECTIONS: Final = 512
MOST_OF_ADDRESS: Final = 64
"""Connections of one address, so that nobody takes them all; several people may share it."""
THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
"""This machine, also as a socket for both families sees it (RFC 4291, section 2.5.5.2): where a proxy connects from, on
behalf of many, not bounded but by the number of all."""
HEAD_S: Final = 10.0
"""How long the head of a request may take (seconds), from the connection or its first byte."""


class Connection(H11Protocol):
    """Refuses a connection too many, and closes one whose next request does not come whole in time."""

    head_s = HEAD_S
    most_connections = MOST_CONNECTIONS
    most_of_address = MOST_OF_ADDRESS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            self._refuse("too_many_connections", "Too many connections are open. Try again in a moment.")
        elif self._crowds():
            self._refuse("too_many_connections", f"This address has {self.most_of_address} connections open already.")
        else:
            self._wait()

    def data_received(self, data: bytes) -> None:
        """Read on."""
        super().data_received(data)
        cycle = cast("RequestResponseCycle | None", self.cycle)
        answering = cycle is not None and not cycle.response_complete
        if answering or self.transport.is_closing():
            self._stop_waiting()
        elif self._deadline is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP; the connection ends."""
        self._refuse("bad_request", "This is no HTTP request, or its head is too large.")

    def _crowds(self) -> bool:
        """Whether this is one too many of its address."""
        here = _address(self)
        if here in THIS_MACHINE:
            return False
        return sum(_address(each) == here for each in cast("set[H11Protocol]", self.connections)) > self.most_of_address

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(self.head_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        self._refuse("slow_request", f"No whole request came within {self.head_s:g} s.")

    def _refuse(self, code: str, detail: str) -> None:
        """Answer with a problem document outside of any request, if the state of the connection allows, and close."""
        status = PROBLEMS[code]
        document = {"type": "about:blank", "status": status, "code": code, "detail": detail}
        body = json.dumps(document).encode()
        headers = [("content-type", MEDIA_TYPE), ("content-length", str(len(body))), ("connection", "close")]
        try:
            response = h11.Response(status_code=status, headers=headers)
            parts = [self.conn.send(each) for each in (response, h11.Data(data=body), h11.EndOfMessage())]
        except h11.LocalProtocolError:
            parts = []
        for part in parts:
            if part:
                self.transport.write(part)
        self.transport.close()


def _address(connection: H11Protocol) -> str:
    """Who connected; nobody can say it of one that is gone already."""
    return connection.client[0] if connection.client else ""
