"""Another gateway of the shop as its satellite: one shop, whatever happens to the satellite, its link or its clock."""

import asyncio
import shutil
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.model.time import from_rfc3339
from tests.brokers import MOSQUITTO
from tests.scenarios.satellite_shop import Shop, two_gateways

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
A_DAY_BEHIND = (
    ("env", f"LD_PRELOAD={LIBRARY}", "FAKETIME=-1d", "FAKETIME_DONT_FAKE_MONOTONIC=1") if LIBRARY is not None else ()
)
A7 = "https://shop.example/m/A7"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed"),
    pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed"),
]


async def carried(shop: Shop, front_dbm: int, back_dbm: int) -> asyncio.Task[None]:
    return asyncio.create_task(shop.carry_fob(front_dbm, back_dbm))


async def let_go(carrying: asyncio.Task[None]) -> None:
    carrying.cancel()
    with suppress(asyncio.CancelledError):
        await carrying


def zones(shop: Shop, kind: str) -> list[object]:
    return [event["data"]["zone"] for event in shop.of(kind)]


async def test_a_packet_heard_by_both_is_one_visitor_and_nobody_leaves_while_the_satellite_is_gone(
    tmp_path: Path,
) -> None:
    """Two levels of one packet place the fob in the zone where it is loudest; a killed satellite is a receiver down."""
    async with two_gateways(tmp_path) as shop:
        carrying = await carried(shop, -80, -52)
        await shop.until_told(lambda: "back" in zones(shop, "zone.entered"))
        assert len(shop.of("visit.started")) == 1
        await let_go(carrying)
        await shop.satellite.kill()
        await shop.until_told(lambda: shop.standing("rx-back") == "down")
        assert shop.of("visit.ended") == []
        assert "back" not in zones(shop, "zone.left")
        await shop.satellite.start()
        carrying = await carried(shop, -80, -52)
        await shop.until_told(lambda: shop.standing("rx-back") == "up")
        await let_go(carrying)
        assert await shop.satellite.stop() == 0, shop.satellite.log()
        await shop.until_told(lambda: shop.standing("rx-back") == "down")
        assert len(shop.of("visit.started")) == 1


async def test_a_satellite_that_dies_is_known_at_once_by_its_will(tmp_path: Path) -> None:
    """Silence would tell of it in an hour. Of a scan whose receiver nobody named nothing comes, of the next one all."""
    async with two_gateways(tmp_path, silence_s=3600.0) as shop:
        await shop.satellite.scan(A7, "cam-elsewhere")
        await shop.satellite.scan(A7)
        await shop.until("code.scanned", 1)
        assert "passed_over" in shop.deciding.told()
        await shop.satellite.says("passed_over")
        await shop.until_told(lambda: {*shop.life.receivers} >= {"rx-back", "cam-back"})
        await shop.satellite.kill()
        await shop.until_told(lambda: shop.life.status == "down")
        await shop.until_told(lambda: (shop.standing("rx-back"), shop.standing("cam-back")) == ("down", "down"))
        await shop.deciding.says("gw-2, by which rx-back is heard, is gone")
        assert [event["data"]["receiver"] for event in shop.of("code.scanned")] == ["cam-back"]


async def test_what_is_scanned_while_the_link_is_down_arrives_once_after_whoever_is_killed(tmp_path: Path) -> None:
    """The satellite's wall clock is wrong by a day, where that can be done: a scan is dated by how old it is."""
    async with two_gateways(tmp_path, under=A_DAY_BEHIND) as shop:
        await shop.satellite.scan(A7)
        await shop.until("code.scanned", 1)
        shop.link.cut()
        scanned_utc_s = time.time()
        for _ in range(3):
            await shop.satellite.scan(A7)
        await shop.satellite.scan("https://bank.example/pay")
        await asyncio.sleep(1.0)
        await shop.satellite.kill()
        await shop.deciding.kill()
        await asyncio.gather(shop.satellite.start(), shop.deciding.start())
        await shop.satellite.scan(A7)
        await asyncio.sleep(1.0)
        await shop.link.mend()
        await shop.until("code.scanned", 5)
        await shop.satellite.scan(A7)
        await shop.until("code.scanned", 6)
        assert Counter(str(event["id"]) for event in shop.of("code.scanned")).most_common(1)[0][1] == 1
        data = [event["data"] for event in shop.of("code.scanned")]
        assert {(each["receiver"], each["marker"], each["zone"]) for each in data} == {("cam-back", "A7", "back")}
        assert from_rfc3339(str(shop.of("code.scanned")[1]["time"])) == pytest.approx(scanned_utc_s, abs=2.0)
        assert "bank.example" not in shop.satellite.told()
