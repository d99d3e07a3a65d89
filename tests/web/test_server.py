"""Where HTTP is served, and what it says about the gateway."""

import asyncio
import json
import socket

import pytest

from gateway.model.health import Condition
from gateway.runtime.health import Health
from gateway.web.options import HttpOptions, ListenAddress, parse_listen
from gateway.web.routes import make_app
from gateway.web.server import AddressRefused, bind, serve


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8080", ListenAddress("127.0.0.1", 8080)),
        ("localhost:0", ListenAddress("localhost", 0)),
        ("[::1]:443", ListenAddress("::1", 443)),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, address: ListenAddress) -> None:
    assert parse_listen(text) == address
    assert str(address) == text


@pytest.mark.parametrize("text", ["", "8080", ":8080", "::1:80", "host:", "host:http", "host:65536", "host:-1"])
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no HOST:PORT|has a port above 65535"):
        parse_listen(text)


def test_an_address_of_another_machine_is_refused_with_what_to_do() -> None:
    with pytest.raises(AddressRefused, match=r"192\.0\.2\.1:0: cannot be listened on .*write another http\.listen"):
        bind(HttpOptions("192.0.2.1:0"))


async def ask(port: int, path: str) -> tuple[int, str, object]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    lines = head.lower().splitlines()
    kind = next(line.partition(": ")[2] for line in lines if line.startswith("content-type"))
    return int(lines[0].split()[1]), kind, json.loads(body)


async def test_health_and_readiness_are_served_until_the_end() -> None:
    health, ready = Health(), asyncio.Event()
    app = make_app(health=health, counters=lambda: {"inputs": 3}, ready=ready.is_set, version="1.2")
    with bind(HttpOptions("127.0.0.1:0")) as listening:
        port = listening.getsockname()[1]
        serving = asyncio.create_task(serve(app, listening))
        status, kind, problem = await ask(port, "/readyz")
        assert (status, kind) == (503, "application/problem+json")
        assert isinstance(problem, dict)
        assert problem["code"] == "not_ready"
        ready.set()
        assert await ask(port, "/readyz") == (200, "application/json", {"ready": True})
        health.report(Condition("mqtt", "dns", "error", "check the name"))
        assert await ask(port, "/healthz") == (
            200,
            "application/json",
            {
                "status": "error",
                "version": "1.2",
                "conditions": [{"part": "mqtt", "code": "dns", "severity": "error", "hint": "check the name"}],
                "counters": {"inputs": 3},
            },
        )
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving


async def test_a_server_that_failed_can_serve_again_on_its_socket() -> None:
    app = make_app(health=Health(), counters=dict, ready=lambda: True, version="1")
    with bind(HttpOptions("127.0.0.1:0")) as listening:
        for _ in range(2):
            serving = asyncio.create_task(serve(app, listening))
            assert (await ask(listening.getsockname()[1], "/readyz"))[0] == 200
            serving.cancel()
            await asyncio.wait({serving})
        assert listening.family == socket.AF_INET
