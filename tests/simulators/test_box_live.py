"""The box in real time: each kind of happening goes where it belongs; phones and readers speak to real sockets."""

import asyncio
import json
from base64 import urlsafe_b64decode
from itertools import islice
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.codecs.captures import parse_input
from gateway.model.sighting import AppReport, BeaconId, CodeText, HeardBeacon, NfcTag
from gateway.model.store import StoreRef
from simulators.box.handsets import Handsets
from simulators.box.happenings import Happening, Packet, Presented, Reported, Whereabouts
from simulators.box.living_shop import LivingShop
from simulators.box.open_shop import OpenShop, Outlets
from simulators.box.reader_socket import ReaderSocket
from simulators.box.store import read_store
from simulators.control import ControlServer
from simulators.credentials import member_credential
from simulators.signer import Signer
from tests.simulators.test_box_walks import BOUTIQUE

UTC_S = 1_767_603_600.0
SEEN = (HeardBeacon(BeaconId("ibeacon", "5f1d0000-0000-4000-8000-00805f9b0001/7/3"), -61),)
REPORT = Reported(0.0, "ana", AppReport("q3lzt7", SEEN))


async def test_a_shop_lives_at_the_pace_of_the_clock() -> None:
    happened: list[Happening] = []
    told: list[Whereabouts] = []
    outlets = Outlets(happened.append, happened.append, happened.append, told.append)
    shop = OpenShop(LivingShop(read_store(BOUTIQUE), UTC_S), outlets)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    living = asyncio.create_task(shop.run())
    await asyncio.sleep(1.0)
    living.cancel()
    assert shop.t_s == pytest.approx(loop.time() - began_s, abs=0.3)
    assert {type(each) for each in happened} == {Packet, Reported}
    again = islice(LivingShop(read_store(BOUTIQUE), UTC_S).live(), 100)
    expected = [each for tick in again for each in tick]
    assert happened == [each for each in expected if not isinstance(each, Whereabouts)][: len(happened)]
    truth = [each for each in expected if isinstance(each, Whereabouts) and each.t_s <= shop.t_s]
    assert set(shop.truth) == {each.subject for each in truth}
    assert told == truth


async def test_phones_show_their_credential_and_send_one_report_at_a_time() -> None:
    asked: list[tuple[str, object]] = []

    async def post(request: Request) -> JSONResponse:
        asked.append((request.headers["authorization"], await request.json()))
        await asyncio.sleep(0.2)
        return JSONResponse({}, 202 if len(asked) == 1 else 503)

    async with ControlServer() as server:
        server.begin(Starlette(routes=[Route("/v1/sightings", post, methods=["POST"])]))
        async with Handsets(server.origin, {"ana": "secret"}) as handsets:
            for pause_s in (0.05, 0.6, 0.6):
                handsets.tell(REPORT)
                await asyncio.sleep(pause_s)
    beacon = {"uuid": "5f1d0000-0000-4000-8000-00805f9b0001", "major": 7, "minor": 3, "rssi_dbm": -61}
    assert asked == [("Bearer secret", {"seen": [beacon]})] * 2
    assert (handsets.taken, handsets.refused, handsets.dropped) == (1, 1, 1)


async def test_a_gateway_that_is_away_takes_no_report(unused_tcp_port: int) -> None:
    async with Handsets(f"http://127.0.0.1:{unused_tcp_port}", {"ana": "secret"}) as handsets:
        handsets.tell(REPORT)
        async with asyncio.timeout(60):
            while not handsets.refused:
                await asyncio.sleep(0.05)


async def test_what_is_held_to_a_reader_waits_for_the_gateway(tmp_path: Path) -> None:
    path, lines = tmp_path / "input.sock", []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            lines.append(line.decode())
        writer.close()

    code, tag = CodeText("qr_code", "https://shop.example/m/A7"), NfcTag(b"\xd1\x01\x00")
    async with ReaderSocket(path) as readers:
        readers.hold(Presented(1.0, "cam-1", code))
        readers.hold(Presented(2.0, "nfc-1", tag))
        await asyncio.sleep(0.3)
        assert readers.sent == 0
        server = await asyncio.start_unix_server(listen, path)
        async with asyncio.timeout(60):
            while len(lines) < 2:
                await asyncio.sleep(0.05)
        server.close()  # left by `async with` it would wait for its client, since Python 3.12
    assert [sighting.token for line in lines for sighting in parse_input(line)] == [code, tag]
    assert readers.sent == 2


def test_a_credential_names_the_store_and_the_member() -> None:
    token = member_credential(Signer(), StoreRef("demo", "boutique", "gw-1"), "q3lzt7", UTC_S)
    header, claims, _ = (urlsafe_b64decode(part + "==") for part in token.split("."))
    assert json.loads(header)["alg"] == "Ed25519"
    assert json.loads(claims) == {
        "iss": "hq-demo",
        "aud": "proximity:demo/boutique",
        "scope": "member",
        "sub": "q3lzt7",
        "exp": int(UTC_S),
    }
