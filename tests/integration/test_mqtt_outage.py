"""What becomes of a session whose link or broker fails, and what the broker then says of the gateway."""

import asyncio
from pathlib import Path

import pytest

from gateway.mqtt.message import NotConnected
from simulators.fault_proxy import FaultProxy, Line
from tests.brokers import MOSQUITTO, mosquitto
from tests.integration.mqtt_side import Noted, quick, session, until

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")

STATE = "state/gw-1"


def words(noted: Noted) -> list[str]:
    return [payload.decode().partition(" ")[2] for payload in noted.payloads(STATE)]


async def test_a_broker_that_was_killed_and_is_back_is_connected_to_anew(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, session(quick(broker.url), subscriptions=["a"]) as noted:
        await noted.session.connected()
        await broker.kill()
        await until(lambda: "lost" in noted.codes)
        with pytest.raises(NotConnected):
            noted.session.publish_nowait("a", b"while away")
        await broker.start()
        await asyncio.wait_for(noted.session.connected(), 60)
        assert (await noted.session.publish("a", b"back")).accepted
        await until(lambda: noted.payloads("a") == [b"back"])
        assert noted.codes[-1] == "connected"


async def test_what_was_in_flight_when_the_link_broke_is_not_known(tmp_path: Path) -> None:
    async with (
        mosquitto(tmp_path) as broker,
        FaultProxy(broker.port) as between,
        session(quick(f"mqtt://127.0.0.1:{between.port}")) as noted,
    ):
        lost = await noted.session.connected()
        between.line = Line(stopped=True)
        answers = [noted.session.publish_nowait("a", b"x") for _ in range(5)]
        await asyncio.sleep(0.05)
        between.reset()
        for answer in answers:
            with pytest.raises(NotConnected):
                await answer
        assert lost.done()
        between.line = Line()
        await asyncio.wait_for(noted.session.connected(), 60)
        assert (await noted.session.publish("a", b"x")).accepted


@pytest.mark.slow
async def test_a_link_that_swallows_everything_is_given_up(tmp_path: Path) -> None:
    async with (
        mosquitto(tmp_path) as broker,
        FaultProxy(broker.port) as between,
        session(quick(f"mqtt://127.0.0.1:{between.port}", keepalive_s=5)) as noted,
    ):
        lost = await noted.session.connected()
        between.forget()
        await until(lost.done, timeout_s=60)
        await asyncio.wait_for(noted.session.connected(), 60)


async def test_the_will_is_published_when_the_gateway_is_gone(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, session(quick(broker.url), "watcher", [STATE]) as watcher:
        await watcher.session.connected()
        async with session(quick(broker.url)) as noted:
            await noted.session.connected()
            await until(lambda: words(watcher) == ["online"])
        await until(lambda: words(watcher) == ["online", "offline"])
        birth, will = (payload.split()[0] for payload in watcher.payloads(STATE))
        assert birth == will


async def test_every_connection_has_its_own_session_id(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, session(quick(broker.url), "watcher", [STATE]) as watcher:
        await watcher.session.connected()
        for _ in range(2):
            async with session(quick(broker.url)) as noted:
                await noted.session.connected()
        await until(lambda: words(watcher) == ["online", "offline"] * 2)
        sessions = [payload.split()[0] for payload in watcher.payloads(STATE)]
        assert sessions[0] == sessions[1] != sessions[2] == sessions[3]


async def test_a_goodbye_says_offline_once_and_leaves_no_will(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, session(quick(broker.url), "watcher", [STATE]) as watcher:
        await watcher.session.connected()
        noted = Noted(quick(broker.url), "gw-1", (), STATE)
        running = asyncio.create_task(noted.session.run())
        await noted.session.connected()
        await noted.session.close()
        await asyncio.wait_for(running, 2)
        await until(lambda: len(watcher.payloads(STATE)) >= 2)
        await asyncio.sleep(0.2)
        assert words(watcher) == ["online", "offline"]
        assert noted.codes == ["connected"]


async def test_a_goodbye_into_the_void_ends_in_time(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as broker, FaultProxy(broker.port) as between:
        noted = Noted(quick(f"mqtt://127.0.0.1:{between.port}"), "gw-1", (), STATE)
        running = asyncio.create_task(noted.session.run())
        await noted.session.connected()
        between.line = Line(stopped=True)
        await asyncio.wait_for(noted.session.close(deadline_s=0.2), 2)
        await asyncio.wait_for(running, 2)


async def test_a_session_closed_while_it_waits_to_try_again_ends_at_once() -> None:
    noted = Noted(quick("mqtt://127.0.0.1:1", retry_min_s=30.0, retry_max_s=60.0), "gw-1", (), STATE)
    running = asyncio.create_task(noted.session.run())
    await until(lambda: noted.codes == ["refused"])
    await noted.session.close()
    await asyncio.wait_for(running, 1)
