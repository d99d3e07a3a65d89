"""What the buttons do to an open shop."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from itertools import chain, islice
from pathlib import Path

import httpx
import pytest

from gateway.codecs.adverts import ibeacon
from simulators.bluez import SimulatedBluez
from simulators.box.hand_scanner import HandScanner
from simulators.box.happenings import Packet, Whereabouts
from simulators.box.held_camera import HeldCamera
from simulators.box.living_shop import LivingShop
from simulators.box.open_shop import OpenShop, Outlets
from simulators.box.reader_socket import ReaderSocket
from simulators.box.stagehand import Stagehand
from simulators.box.store import read_store
from simulators.control import NotNow
from simulators.fault_proxy import FaultProxy
from simulators.faults import Faults
from simulators.head_office import HeadOffice
from tests.simulators.test_box_walks import BOUTIQUE

pytestmark = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed")

ADAPTERS = {"gw-1": "hci0", "gw-2": "hci1"}


@pytest.fixture
async def stagehand(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Stagehand]:
    store = read_store(BOUTIQUE)
    office = HeadOffice(f"mqtt://127.0.0.1:{unused_tcp_port}", store.floor.as_store("gw-1"))
    readers = ReaderSocket(tmp_path / "input.sock")
    shop = OpenShop(LivingShop(store, 0.0), Outlets(print, print, readers.hold, print))
    async with (
        SimulatedBluez(tuple(ADAPTERS.values())) as bluez,
        FaultProxy(unused_tcp_port) as proxy,
        Faults(proxy, bluez, office) as faults,
        HeldCamera() as camera,
    ):
        with HandScanner(tmp_path / "scanner") as scanner:
            yield Stagehand(shop, faults, readers, ADAPTERS, camera, scanner)


async def test_what_is_broken_is_in_the_state(stagehand: Stagehand) -> None:
    assert stagehand.cut(5.0) == {"seconds": 5.0}
    assert stagehand.kill_adapter(5.0, None) == {"seconds": 5.0, "adapter": "hci0"}
    assert stagehand.kill_adapter(5.0, "gw-2") == {"seconds": 5.0, "adapter": "hci1"}
    with pytest.raises(NotNow, match="hci0 is out already"):
        stagehand.kill_adapter(5.0, "hci0")
    with pytest.raises(NotNow, match="no adapter 'hci9'"):
        stagehand.kill_adapter(5.0, "hci9")
    state = stagehand.state()
    assert (state["under_way"], state["injected"], state["recovered"]) == (["broker", "hci0", "hci1"], 3, 0)


async def test_a_beacon_that_is_silenced_is_heard_no_more_until_its_time(stagehand: Stagehand) -> None:
    assert stagehand.silence(60.0, None) == {"seconds": 60.0, "beacon": "b-street"}
    with pytest.raises(NotNow, match="no beacon 'fob-1'"):
        stagehand.silence(60.0, "fob-1")
    shop = stagehand.shop.shop
    packets = [each for each in chain(*islice(shop.live(), 640)) if isinstance(each, Packet)]
    street, entrance = (ibeacon.encode(each.frame) for each in shop.store.floor.beacons[:2])
    assert min(each.t_s for each in packets if each.payload == entrance) < 3.0
    assert 60.0 <= min(each.t_s for each in packets if each.payload == street) < 63.0


async def test_who_is_away_is_sent_in_until_nobody_is(stagehand: Stagehand) -> None:
    crowd = stagehand.shop.shop.crowd
    assert stagehand.send_in("greta") == {"name": "greta"}
    crowd.step()
    with pytest.raises(NotNow, match="called 'maud'"):
        stagehand.send_in("maud")
    away = sum(walker.stance is None for walker in crowd.walkers.values())
    for _ in range(away):
        stagehand.send_in(None)
        crowd.step()
    with pytest.raises(NotNow, match="Everybody"):
        stagehand.send_in(None)


async def test_a_code_is_held_to_the_camera(stagehand: Stagehand) -> None:
    assert stagehand.scan(None) == {"marker": "A7", "receiver": "cam-1"}
    assert stagehand.scan("P1") == {"marker": "P1", "receiver": "cam-1"}
    with pytest.raises(NotNow, match="'Z9'"):
        stagehand.scan("Z9")


async def test_a_tag_is_held_to_the_reader(stagehand: Stagehand) -> None:
    assert stagehand.tap(None) == {"marker": "A7", "receiver": "nfc-1"}
    with pytest.raises(NotNow, match="no NFC reader, or no marker 'Z9'"):
        stagehand.tap("Z9")


async def test_the_camera_is_stopped_until_its_time(stagehand: Stagehand) -> None:
    assert stagehand.stop_camera(60.0) == {"seconds": 60.0, "receiver": "cam-1"}
    with pytest.raises(httpx.HTTPError):
        await first_frame(stagehand.camera.address)
    stagehand.stop_camera(0.0)
    assert await first_frame(stagehand.camera.address)


async def test_the_scanner_is_unplugged_and_plugged_in_again(stagehand: Stagehand) -> None:
    scanner = stagehand.scanner
    assert stagehand.unplug_scanner(60.0) == {"seconds": 60.0, "receiver": "scan-1"}
    scanner.scan("09506000134352")
    assert (scanner.device.is_symlink(), scanner.sent) == (False, 0)
    stagehand.unplug_scanner(0.1)
    async with asyncio.timeout(60):
        while not scanner.device.is_symlink():
            await asyncio.sleep(0.01)
    scanner.scan("09506000134352")
    assert scanner.sent == 1


async def first_frame(address: str) -> bytes:
    async with httpx.AsyncClient(trust_env=False) as client, client.stream("GET", address) as frames:
        return await anext(frames.aiter_bytes())


async def test_the_truth_is_told(stagehand: Stagehand) -> None:
    stagehand.shop.truth["fob-1"] = Whereabouts(3.0, "fob-1", "men", (6.1234, 5.0))
    stagehand.shop.truth["fob-2"] = Whereabouts(3.0, "fob-2", None, None)
    assert stagehand.state()["where"] == {
        "fob-1": {"zone": "men", "at": [6.12, 5.0]},
        "fob-2": {"zone": None, "at": None},
    }
