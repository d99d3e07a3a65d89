"""The HTTP server on the daemon's own event loop, over a socket bound before anything else starts."""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from fastapi import FastAPI

from gateway.web.connection import THIS_MACHINE, Connection
from gateway.web.intake import MOST_HEAD_BYTES
from gateway.web.options import HttpOptions, parse_listen

BACKLOG: Final = 128
GOODBYE_S: Final = 2
"""How long open requests may take to end when the server stops (seconds)."""
STALLED_S: Final = 20.0
"""A client that takes nothing of what is sent for so long (seconds) is given up by the kernel, and frees its place."""


class AddressRefused(Exception):
    """The address to listen on cannot be had: taken, not this machine's, or not permitted."""

    def __init__(self, listen: str, problem: str, hint: str) -> None:
        super().__init__(f"{listen}: {problem}; {hint}")
        self.listen = listen
        self.problem = problem
        self.hint = hint


def bind(options: HttpOptions, stalled_s: float = STALLED_S) -> socket.socket:
    """A listening socket on the address of the settings; the caller closes it. Its connections inherit `stalled_s`.

    Raises:
        AddressRefused: it cannot be had.
    """
    address = parse_listen(options.listen)
    family = socket.AF_INET6 if address.family == "inet6" else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux (tcp(7)); a laptop of another kind goes without
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * stalled_s))
        listening.bind((address.host, address.port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        reason = error.strerror or str(error)
        raise AddressRefused(options.listen, f"cannot be listened on ({reason})", _hint(error)) from error
    listening.setblocking(False)
    return listening


def _hint(error: OSError) -> str:
    """What lets a server listen where it could not."""
    match error.errno:
        case errno.EADDRNOTAVAIL | socket.EAI_NONAME | socket.EAI_AGAIN:
            return "write an address of this machine (`ip address` shows them), or another http.listen"
        case errno.EACCES:
            return "write another http.listen, with a port of 1024 or above"
        case _:
            return "end the program that listens there (`ss -ltnp` shows it), or write another http.listen"


async def serve(
    app: FastAPI,
    listening: socket.socket,
    goodbye: Callable[[], None] = lambda: None,
    *,
    connection: type[Connection] = Connection,
) -> None:
    """Serve `app` until cancelled, then let open requests end; `goodbye` ends those that would not by themselves.

    `listening` stays open. A proxy on this machine that adds X-Forwarded-For is believed.
    """
    config = uvicorn.Config(
        app,
        http=connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        forwarded_allow_ips=sorted(THIS_MACHINE),
        h11_max_incomplete_event_size=MOST_HEAD_BYTES,
        timeout_graceful_shutdown=GOODBYE_S,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening.dup()]), name="http:uvicorn")
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        goodbye()
        await serving
        raise


class _Server(uvicorn.Server):
    """uvicorn without its own way of taking signals: the composition root stops everything in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
