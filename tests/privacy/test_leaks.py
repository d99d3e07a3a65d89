"""A whole day in a real gateway with marked identifiers: none of them lies anywhere in clear where it must not.

What a thief of the device gets is looked for too, in the whole memory of the process and on its whole disk, after the
day turned.
"""

import asyncio
import base64
import json
import re
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from gateway.codecs.tokens import DAY_S, day_key, slot_of, token
from gateway.model.store import StoreRef
from simulators.broker import Broker
from simulators.capture_player import CapturePlayer, PlayerOptions
from simulators.credentials import member_credential
from simulators.head_office import HeadOffice
from tests.brokers import MOSQUITTO, free_port
from tests.scenarios.restartable_gateway import RestartableGateway

pytestmark = [pytest.mark.slow, pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")]

STORE = StoreRef("acme", "0042", "gw-1")
DAY = 20_600
MIDNIGHT_UTC_S = DAY * DAY_S
OPENED_S, CLOSED_S, NEXT_S = 9 * 3600.0, 19 * 3600.0, DAY_S + 1800.0
HANDLE, OTHER = "zq7markedhandle1", "zq7markedhandle2"
MEMBER_SECRET = sha256(b"the long-term key of a member, which head office alone has").digest()
BRAND_NUMBER = 918_273_645_546_372
PHONE, STRANGER = "5C:A1:B2:C3:D4:E5", "4F:DE:AD:BE:EF:77"
FOREIGN_TEXT, MEMBER_CODE, TAG_UID = (
    "https://elsewhere.example/MARKED-TEXT-55",
    "PX1:MARKEDMEMBERCODE0042",
    "04a1b2c3d4e5f6",
)
PLAN = """
[store]
id = "0042"
tenant = "acme"
timezone = "Europe/Paris"
languages = ["en"]
[[zones]]
id = "door"
kind = "entrance"
[[receivers]]
id = "gw-1"
zone = "door"
[[receivers]]
id = "cam-1"
kind = "camera"
zone = "door"
[[receivers]]
id = "nfc-1"
kind = "nfc"
zone = "door"
[[beacons]]
id = "b-7"
format = "ibeacon"
uuid = "5f1d0000-0000-4000-8000-00805f9b0001"
major = 42
minor = 7
zone = "door"
"""


def key_of(day: int) -> bytes:
    return day_key(MEMBER_SECRET, STORE.store, day)


def sent(at_s: float) -> bytes:
    """The marked member's token on the air at a time of the capture (s since the day began)."""
    utc_s = MIDNIGHT_UTC_S + at_s
    return token(key_of(int(utc_s // DAY_S)), slot_of(utc_s))


def members() -> bytes:
    days = {str(day): base64.b64encode(key_of(day)).decode() for day in (DAY, DAY + 1)}
    purposes = ["presence", "offers"]
    lines = [
        {"document": "members", "tenant": "acme", "store": "0042", "serial": 1},
        {"handle": HANDLE, "keys": days, "purposes": purposes, "units": {"brand": BRAND_NUMBER}},
        {"handle": OTHER, "purposes": purposes},
    ]
    return "\n".join(json.dumps(line) for line in lines).encode()


def campaigns() -> bytes:
    hello = {"id": "hello", "trigger": {"zone_entered": {}}, "variants": [{"id": "a", "weight": 1, "content": "hello"}]}
    return json.dumps(
        {"document": "campaigns", "serial": 1, "campaigns": [hello], "content": {"hello": {"en": {"title": "Hello"}}}}
    ).encode()


def heard() -> Iterable[tuple[float, Mapping[str, object]]]:
    """A day's radio, codes and taps; the marked member comes twice, and once more on the next day."""
    yield 1.0, {"medium": "code", "receiver": "cam-1", "symbology": "qr_code", "text": FOREIGN_TEXT}
    visits = ((OPENED_S, OPENED_S + 1800.0), (CLOSED_S - 1800.0, CLOSED_S), (NEXT_S - 120.0, NEXT_S))
    for began_s, ended_s in visits:
        at_s = began_s
        while at_s <= ended_s:
            payload = bytes.fromhex("0201061b21207a5f1e8d3c669a0e4f3f7da4e2c5b101") + sent(at_s) + b"\xc5"
            packet = {"medium": "ble", "receiver": "gw-1", "rssi_dbm": -55}
            yield at_s, packet | {"address": PHONE, "payload": payload.hex()}
            yield at_s + 0.5, packet | {"address": STRANGER, "payload": "020106"}
            at_s += 20.0
        code = {"medium": "code", "receiver": "cam-1", "symbology": "qr_code"}
        yield at_s, code | {"text": FOREIGN_TEXT}
        yield at_s + 0.1, code | {"text": MEMBER_CODE}
        yield at_s + 0.2, {"medium": "nfc", "receiver": "nfc-1", "uid": TAG_UID, "ndef": ""}
        yield at_s + 0.3, {"medium": "app", "member": OTHER, "seen": [{"beacon": "b-7", "rssi_dbm": -60}]}


def lines() -> list[tuple[float, str]]:
    return [(at_s, json.dumps({"t": at_s, **line})) for at_s, line in heard()]


def forms(address: str) -> set[bytes]:
    plain = address.replace(":", "")
    raw = bytes.fromhex(plain)
    texts = {address, address.lower(), plain, plain.lower()}
    return {each.encode() for each in texts} | {raw, raw[::-1]}


def of_nobody() -> dict[str, set[bytes]]:
    """What may lie nowhere at all, in every form in which it could."""
    tokens = {sent(at_s) for at_s, _ in heard()}
    keys = {key_of(day) for day in (DAY, DAY + 1)}
    return {
        "address of a member's phone": forms(PHONE),
        "address of a stranger's phone": forms(STRANGER),
        "token on the air": {each for value in tokens for each in (value, value.hex().encode())},
        "day key": {each for key in keys for each in (key, key.hex().encode(), base64.b64encode(key))},
        "long-term key": {MEMBER_SECRET, MEMBER_SECRET.hex().encode(), base64.b64encode(MEMBER_SECRET)},
        "brand's number of a member": {str(BRAND_NUMBER).encode()},
        "text of a code": {b"MARKED-TEXT-55", b"MARKEDMEMBERCODE0042"},
        "number of a tag": {TAG_UID.encode(), TAG_UID.upper().encode(), bytes.fromhex(TAG_UID)},
    }


HANDLES = {"handle": {HANDLE.encode(), OTHER.encode()}}


def found(place: str, content: bytes, marked: Mapping[str, set[bytes]]) -> set[str]:
    """What of `marked` is in clear in `content`."""
    return {f"{what} in {place}" for what, written in marked.items() if any(each in content for each in written)}


@dataclass
class Lived:
    """A gateway after its day, still running."""

    gateway: RestartableGateway
    told: list[bytes]
    answers: list[bytes]
    pid: int


@asynccontextmanager
async def lived(folder: Path) -> AsyncIterator[Lived]:
    told: list[bytes] = []
    port = free_port()
    async with Broker("mosquitto") as broker, HeadOffice(broker.url, STORE, keep=told.append) as office:
        gateway = RestartableGateway(folder, STORE, office.signer, broker.url)
        more = f'[http]\nlisten = "127.0.0.1:{port}"\n[logs]\nlevel = "debug"\n'
        gateway.write(PLAN, {}, more)
        await gateway.start()
        async with CapturePlayer(gateway.socket, MIDNIGHT_UTC_S, lines()[:1]) as player:
            await player.done()
            await taken(office)
        await gateway.stop()
        await gateway.start()  # what a document's coming left in memory is gone, as it is after a night's update
        try:
            options = PlayerOptions(speed=0.0)
            async with CapturePlayer(gateway.socket, MIDNIGHT_UTC_S, lines(), options) as player:
                await player.done()
                bearer = member_credential(office.signer, STORE, OTHER, time.time() + 3600.0)
                answers = await asked(port, bearer)
                await gateway.until_empty()
                process = gateway._process
                assert process is not None
                yield Lived(gateway, told, answers, process.pid)
        finally:
            await gateway.stop()


async def asked(port: int, bearer: str) -> list[bytes]:
    """What HTTP says to whoever asks, and to another member."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        answers = [
            (await client.get(path)).content
            for path in ("/metrics", "/healthz", "/readyz", "/openapi.json", "/v1/markers/A7", "/v1/offers", "/v1/me")
        ]
        mine = {"authorization": f"Bearer {bearer}"}
        return answers + [(await client.get(path, headers=mine)).content for path in ("/v1/offers", "/v1/consents")]


async def taken(office: HeadOffice) -> None:
    """Head office sends members and campaigns, and the gateway takes them."""
    office.publish_document("members", members(), 1)
    office.publish_document("campaigns", campaigns(), 1)
    async with asyncio.timeout(60):
        while not all(
            office.statuses.get((STORE.gateway, name), {}).get("status") == "accepted"
            for name in ("members", "campaigns")
        ):
            await asyncio.sleep(0.1)


def on_disk(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def memory_of(pid: int) -> bytes:
    """All that a process may write to and read: its whole own memory.

    Raises:
        PermissionError: only root reads that of a process that keeps it private.
    """
    parts = []
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if match is None or line.endswith(("[vvar]", "[vsyscall]")):
                continue
            first, last = (int(each, 16) for each in match.groups())
            memory.seek(first)
            try:
                parts.append(memory.read(last - first))
            except OSError:
                continue  # a mapping of a device
    return b"\0".join(parts)


async def until_day_is_over(state: Path) -> None:
    """The keys of the day before are erased by the tables' own round, twenty seconds long."""
    async with asyncio.timeout(90):
        while list(state.rglob(f"*.{DAY}.keys")):
            await asyncio.sleep(0.5)


async def test_a_day_leaves_no_identifier_in_clear(tmp_path: Path) -> None:
    async with lived(tmp_path) as day:
        state = tmp_path / "state"
        nobody = of_nobody()
        assert any(HANDLE.encode() in each for each in day.told), "head office is told of the member"
        leaks = {each for name, content in on_disk(state).items() for each in found(name, content, nobody | HANDLES)}
        leaks |= found("the log", (tmp_path / "gateway.log").read_bytes(), nobody | HANDLES)
        leaks |= {each for content in day.told for each in found("MQTT", content, nobody)}
        one = {"handle": {HANDLE.encode()}}
        leaks |= {each for content in day.answers for each in found("HTTP", content, nobody | one)}
        limits = Path(f"/proc/{day.pid}/limits").read_text()
        assert re.search(r"Max core file size\s+0\s+0\s", limits), "no core dump is written"
        await until_day_is_over(state)
        try:
            memory = await asyncio.to_thread(memory_of, day.pid)
        except PermissionError:
            memory = b""  # as it should be for everybody but root
        assert not memory or HANDLE.encode() in memory, "the search finds what is there"
        past = {name: nobody[name] for name in ("long-term key",)}
        past["key of a past day"] = {key_of(DAY), base64.b64encode(key_of(DAY))}
        leaks |= found("memory", memory, past)
        leaks |= {each for name, content in on_disk(state).items() for each in found(name, content, past)}
    assert leaks == set()
