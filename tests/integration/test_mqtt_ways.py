"""The ways out of a shop: certificates that change under a running session, proxies, and lines that are slow."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.mqtt.options import MqttOptions
from simulators.fault_proxy import FaultProxy, Line
from tests.brokers import MOSQUITTO, Pki, make_pki, mosquitto
from tests.integration.mqtt_side import listening, quick, session, until

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


def _pki(directory: Path, *names: str) -> Pki:
    directory.mkdir()
    return make_pki(directory, names or ("localhost", "127.0.0.1"))


async def test_certificates_are_replaced_without_a_restart_and_a_half_written_pair_is_waited_for(
    tmp_path: Path,
) -> None:
    ours, strangers = _pki(tmp_path / "ours"), _pki(tmp_path / "strangers")
    certificate, key = tmp_path / "gateway.pem", tmp_path / "gateway.key"
    shutil.copy(strangers.certificate("client"), certificate)
    shutil.copy(strangers.key("client"), key)
    async with (
        mosquitto(tmp_path / "broker", pki=ours) as broker,
        session(quick(broker.url, ca=ours.ca, certificate=certificate, key=key)) as noted,
    ):
        await until(lambda: "tls" in noted.codes)  # the broker does not know who signed it
        shutil.copy(ours.certificate("client"), certificate)
        await until(lambda: noted.codes[-1] == "unreadable")
        assert "being replaced" in noted.conditions[-1].hint
        shutil.copy(ours.key("client"), key)
        await asyncio.wait_for(noted.session.connected(), 60)
        certificate.write_text("")
        await broker.kill()
        await until(lambda: noted.codes[-1] == "unreadable")
        await broker.start()
        shutil.copy(ours.certificate("client"), certificate)
        await asyncio.wait_for(noted.session.connected(), 60)


async def test_an_authority_file_without_one_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("")
    async with session(quick("mqtts://broker.example:8883", ca=empty)) as noted:
        await until(lambda: noted.codes[:1] == ["unreadable"])
        assert "authority" in noted.conditions[0].hint


@asynccontextmanager
async def _http_proxy(port: int) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A proxy whose every way leads to `port` here, and what was asked of it."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with contextlib.closing(far_writer):
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))

    async with listening(answer) as own_port:
        yield own_port, asked


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65_536):
        writer.write(chunk)
        await writer.drain()
    writer.close()


async def test_the_broker_is_reached_through_the_proxy_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pki = _pki(tmp_path / "pki", "broker.invalid")
    options = {"ca": pki.ca, "certificate": pki.certificate("client"), "key": pki.key("client")}
    async with mosquitto(tmp_path / "broker", pki=pki) as broker, _http_proxy(broker.port) as (port, asked):
        monkeypatch.setenv("https_proxy", f"http://shop:secret@127.0.0.1:{port}")
        async with session(quick("mqtts://broker.invalid:8883", **options), subscriptions=["a"]) as noted:
            await asyncio.wait_for(noted.session.connected(), 60)
            assert (await noted.session.publish("a", b"x" * 100_000)).accepted
            await until(lambda: len(noted.payloads("a")) == 1)
        assert asked[0].startswith(b"CONNECT broker.invalid:8883 ")
        async with session(quick("mqtts://other.invalid:8883", **options)) as noted:
            await until(lambda: noted.codes[:1] == ["tls_untrusted"])  # who the broker is, is checked behind it too


async def test_a_proxy_that_says_no_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        await reader.read()

    async with listening(refuse) as port:
        monkeypatch.setenv("https_proxy", f"http://shop:secret@127.0.0.1:{port}")
        async with session(MqttOptions("mqtts://broker.invalid", retry_min_s=0.05)) as noted:
            await until(lambda: noted.codes[:1] == ["proxy"])
            assert "407" in noted.conditions[0].hint
            assert "secret" not in noted.conditions[0].hint


async def test_a_slow_line_full_of_what_is_retained_is_waited_for(tmp_path: Path) -> None:
    retained = bytes(40_000)
    async with mosquitto(tmp_path) as broker, FaultProxy(broker.port) as between:
        async with session(quick(broker.url)) as noted:
            await noted.session.connected()
            assert (await noted.session.publish("documents/a", retained, retain=True)).accepted
        between.line = Line(bytes_per_s=20_000)
        options = quick(f"mqtt://127.0.0.1:{between.port}", connect_timeout_s=0.5)
        async with session(options, "gw-2", ["documents/+"]) as noted:
            await asyncio.wait_for(noted.session.connected(), 60)
            await until(lambda: noted.payloads("documents/a") == [retained])
            assert noted.codes == ["connected"]
