"""Where HTTP is served, and what it says about the gateway."""

import asyncio
import socket
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Response

from gateway.model.health import Condition
from gateway.web.connection import Connection
from gateway.web.options import HttpOptions, ListenAddress, parse_listen
from gateway.web.server import AddressRefused, bind, serve
from tests.web.shop import open_shop, served


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
    with pytest.raises(
        AddressRefused, match=r"192\.0\.2\.1:0: cannot be listened on .*write an address of this machine"
    ):
        bind(HttpOptions("192.0.2.1:0"))
    with pytest.raises(AddressRefused, match="write an address of this machine"):
        bind(HttpOptions("no.such.host.invalid:0"))


async def test_health_and_readiness_are_served_until_the_end(tmp_path: Path) -> None:
    async with (
        open_shop(tmp_path, begun=False) as shop,
        served(shop.site) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert answer.json()["code"] == "not_ready"
        shop.pipeline.ready.set()
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"ready": True})
        shop.health.report(Condition("mqtt", "dns", "error", "check the name"))
        health = (await client.get("/healthz")).json()
        assert health["conditions"] == [
            {"part": "mqtt", "code": "dns", "severity": "error", "hint": "check the name", "values": {}}
        ]
        assert (health["status"], health["version"], health["counters"]["inputs"]) == ("error", "1.2", 0)


async def test_a_server_that_failed_can_serve_again_on_its_socket(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        with bind(HttpOptions("127.0.0.1:0")) as listening:
            port = listening.getsockname()[1]
            for _ in range(2):
                serving = asyncio.create_task(serve(shop.site.app, listening))
                async with httpx.AsyncClient() as client:
                    assert (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
                serving.cancel()
                await asyncio.wait({serving})
            assert listening.family == socket.AF_INET


async def test_who_never_reads_its_answer_is_let_go() -> None:
    lost = asyncio.Event()

    class Watched(Connection):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            lost.set()

    app = FastAPI()
    app.add_api_route("/", lambda: Response(bytes(8 << 20)))
    with bind(HttpOptions("127.0.0.1:0"), stalled_s=0.5) as listening, socket.socket() as deaf:
        serving = asyncio.create_task(serve(app, listening, connection=Watched))
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(listening.getsockname())
        deaf.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.wait_for(lost.wait(), 60)
        serving.cancel()
        await asyncio.wait({serving})


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "[::]:0"])
async def test_who_comes_through_a_proxy_of_this_machine_is_not_this_machine(tmp_path: Path, listen: str) -> None:
    try:
        listening = bind(HttpOptions(listen))
    except AddressRefused:
        pytest.skip("this machine has no IPv6")
    async with open_shop(tmp_path) as shop, httpx.AsyncClient() as client:
        serving = asyncio.create_task(serve(shop.site.app, listening))
        proxied = {"x-forwarded-for": "127.0.0.1, 192.0.2.7"}
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}/healthz"
            assert (await client.get(url)).status_code == 200
            assert (await client.get(url, headers=proxied)).status_code == 401
        finally:
            serving.cancel()
            await asyncio.wait({serving})
            listening.close()


async def test_this_machine_is_known_on_a_socket_for_both_families(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        for address, status in (("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("::ffff:192.0.2.7", 401)):
            async with shop.client(address=address) as client:
                assert (await client.get("http://localhost:8080/healthz")).status_code == status


@pytest.mark.parametrize(
    ("name", "status"),
    [("127.0.0.1:8080", 200), ("[::1]:8080", 200), ("localhost", 200), ("rebound.example:8080", 401), ("[", 401)],
)
async def test_a_page_whose_name_was_rebound_to_this_machine_is_not_this_machine(
    tmp_path: Path, name: str, status: int
) -> None:
    async with open_shop(tmp_path) as shop, shop.client(address="127.0.0.1") as client:
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await client.get(path, headers={"host": name})).status_code == status
