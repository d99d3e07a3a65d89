"""Faults on purpose, at a real broker and a simulated Bluetooth: counted when they heal, one of a kind at a time."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from bleak import BleakScanner

from gateway.model.store import StoreRef
from simulators.bluez import SimulatedBluez
from simulators.broker import Broker
from simulators.control import NotNow
from simulators.fault_proxy import FaultProxy
from simulators.faults import Faults
from simulators.head_office import HeadOffice
from simulators.link import Link

STORE = StoreRef("demo", "boutique", "gw-1")
STATE = "proximity/v1/demo/boutique/gw-1/state"

pytestmark = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed")


@dataclass(frozen=True, slots=True)
class Site:
    proxy: FaultProxy
    bluez: SimulatedBluez
    office: HeadOffice
    faults: Faults


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with (
        Broker() as broker,
        FaultProxy(broker.port) as proxy,
        HeadOffice(broker.url, STORE) as office,
        SimulatedBluez(("hci0",)) as bluez,
        Faults(proxy, bluez, office) as faults,
    ):
        yield Site(proxy, bluez, office, faults)


async def test_a_cut_is_recovered_from_when_the_gateway_is_heard_again(site: Site) -> None:
    sessions = iter(range(100))

    def came_up() -> None:
        link.publish(STATE, json.dumps({"online": True, "session": str(next(sessions))}).encode(), retain=True)

    async with (link := Link(f"mqtt://127.0.0.1:{site.proxy.port}", ["nothing"], lambda *_: None, came_up)):
        await site.office.until(lambda: "gw-1" in site.office.states, 10)
        site.faults.cut(60.0)
        with pytest.raises(NotNow, match="out already"):
            site.faults.cut(0.5)
        assert (site.faults.injected, site.faults.recovered, site.faults.under_way) == (1, 0, ("broker",))
        async with asyncio.timeout(60):
            await site.faults.settle()
        assert (site.faults.injected, site.faults.recovered, site.faults.under_way) == (1, 1, ())


async def test_an_adapter_is_recovered_when_it_is_scanned_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", site.bluez.address)
    site.faults.pull("hci0", 0.2)
    await asyncio.sleep(0.6)
    assert (site.faults.recovered, site.faults.under_way) == (0, ("hci0",))
    async with BleakScanner(lambda device, advertisement: None), asyncio.timeout(60):
        await site.faults.settle()
    assert (site.faults.injected, site.faults.recovered) == (1, 1)


async def test_what_is_left_broken_is_mended_at_the_end(site: Site) -> None:
    async with Faults(site.proxy, site.bluez, site.office) as faults:
        faults.cut(100.0)
        faults.pull("hci0", 100.0)
        await asyncio.sleep(0.1)
    assert (faults.injected, faults.recovered, faults.under_way) == (2, 0, ())
    async with Link(f"mqtt://127.0.0.1:{site.proxy.port}", ["nothing"], lambda *_: None, lambda: None) as link:
        assert link.up
