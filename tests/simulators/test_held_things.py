"""A camera, a hand scanner, an NFC reader and foreign satellites of the shop in a box, each read as a real one is."""

import asyncio
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from gateway.codecs.adverts import IBeacon, encode_payload
from gateway.codecs.ndef import UriRecord, encode
from gateway.model.sighting import CodeText, NfcTag
from simulators.box.hand_scanner import HandScanner
from simulators.box.happenings import Presented
from simulators.box.held_camera import HELD_S, MOST_WAITING, HeldCamera
from simulators.box.tag_reader import TagReader, is_installed
from simulators.foreign_satellites import ForeignSatellites
from simulators.link import Link
from tests.brokers import MOSQUITTO, mosquitto

ADDRESS = "C0:00:00:00:00:01"
PACKET = encode_payload(IBeacon("5f1d0000-0000-4000-8000-00805f9b0001", 1, 1, -59))
A7 = "https://shop.example/m/A7"


async def code_before(camera: HeldCamera) -> str:
    """The text of the code in the next frame of its stream; empty where there is none."""
    port = int(camera.address.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /camera HTTP/1.0\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    picture = await reader.readexactly(size)
    writer.close()
    frame = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert frame is not None
    return cv2.QRCodeDetector().detectAndDecode(frame)[0]


async def test_a_code_is_in_the_picture_for_as_long_as_it_is_held_up() -> None:
    async with HeldCamera() as camera:
        assert await code_before(camera) == ""
        camera.hold(Presented(0.0, "cam-1", CodeText("qr_code", A7)))
        async with asyncio.timeout(10 * HELD_S):
            while await code_before(camera) != A7:
                await asyncio.sleep(0.05)
            while await code_before(camera) == A7:
                await asyncio.sleep(0.05)
        assert camera.held == 1


async def test_more_than_can_wait_is_not_held_up() -> None:
    camera = HeldCamera()
    for _ in range(MOST_WAITING + 5):
        camera.hold(Presented(0.0, "cam-1", CodeText("qr_code", A7)))
    with pytest.raises(RuntimeError, match="enter it first"):
        assert camera.address


def test_a_product_is_read_on_the_line_and_the_line_goes_with_the_scanner(tmp_path: Path) -> None:
    device = tmp_path / "scanner"
    scanner = HandScanner(device)
    scanner.scan("09506000134352")
    with scanner:
        line = os.open(device, os.O_RDONLY | os.O_NOCTTY)
        scanner.scan("09506000134352")
        assert os.read(line, 100) == b"]E09506000134352\r"
        os.close(line)
    assert scanner.sent == 1
    assert not device.exists()


@pytest.mark.skipif(not is_installed(), reason="no pcscd with its virtual reader, or no pyscard")
async def test_a_tag_is_held_to_a_reader_of_its_own_daemon(tmp_path: Path) -> None:
    async with TagReader(tmp_path) as reader:
        if not reader.works:
            pytest.skip("pcscd may not run here")
        reader.hold(Presented(0.0, "nfc-1", NfcTag(encode(UriRecord(A7)))))
        async with asyncio.timeout(60):
            while not reader.held:
                await asyncio.sleep(0.05)
    assert not reader.socket.exists()


@pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
async def test_foreign_satellites_tell_what_they_know_and_not_too_often(tmp_path: Path) -> None:
    heard: dict[str, bytes] = {}

    def hear(topic: str, payload: bytes, _retained: bool) -> None:
        heard[topic] = payload

    async with (
        mosquitto(tmp_path) as broker,
        Link(broker.url, ("#",), hear, lambda: None),
        ForeignSatellites(broker.url, {"sat-2": "espresense", "sat-3": "theengs"}) as satellites,
    ):
        assert satellites.hear("sat-2", PACKET, ADDRESS, -60)
        assert satellites.hear("sat-3", PACKET, ADDRESS, -60)
        assert not satellites.hear("sat-2", b"\x02\x01\x06", "C0:00:00:00:00:02", -60), "nothing to say of it"
        async with asyncio.timeout(60):
            while len(heard) < 4:
                await asyncio.sleep(0.05)
    assert heard["espresense/rooms/sat-2/status"] == heard["home/sat-3/LWT"] == b"online"
    assert json.loads(heard["home/sat-3/BTtoMQTT/C00000000001"])["rssi"] == -60
