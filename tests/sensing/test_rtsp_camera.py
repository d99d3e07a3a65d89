"""Network cameras that speak RTSP, through OpenCV's own client: codes read, and each bad day of theirs."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from gateway.runtime.health import Health
from gateway.sensing.camera.options import CameraOptions
from simulators.box.rtp_jpeg import packets
from simulators.box.rtsp_camera import RtspCamera
from tests.sensing.test_camera import camera, code_of, frame, told


def jpeg(*texts: str) -> bytes:
    return cv2.imencode(".jpg", cv2.cvtColor(frame(*texts), cv2.COLOR_GRAY2BGR))[1].tobytes()


ONE = jpeg("one")


async def test_codes_are_read_through_rtsp(tmp_path: Path) -> None:
    async with RtspCamera(lambda: ONE, "ada:pass") as server:
        options = CameraOptions("cam-1", server.address(credentials="ada:pass@"))
        source, health = camera(options, tmp_path)
        await told(source, lambda heard: {"qr_code one", "up"} <= set(heard))
        assert code_of(health) == "watching"
        assert ("PLAY", 200) in server.asked


def back_again(server: RtspCamera, health: Health, harm: Callable[[], object]) -> Callable[[list[str]], bool]:
    """Harm the server once its code was read, mend it once that was noticed, and wait until its code is read again."""
    mending: list[asyncio.Task[None]] = []
    harmed = False

    def enough(heard: list[str]) -> bool:
        nonlocal harmed
        if not harmed and {"qr_code one", "up"} <= set(heard):
            harm()
            harmed = True
        if not mending and heard[-1] == "down":
            assert code_of(health) in {"no_frames", "no_camera"}
            server.die()
            mending.append(asyncio.create_task(server.start()))
        return bool(mending) and {"qr_code one", "up"} <= set(heard[heard.index("down") :])

    return enough


async def test_an_rtsp_camera_that_dies_and_comes_back_is_watched_again(tmp_path: Path) -> None:
    async with RtspCamera(lambda: ONE) as server:
        source, health = camera(CameraOptions("cam-1", server.address(), held_s=0.5), tmp_path, pause_s=0.7)
        await told(source, back_again(server, health, server.die), patience_s=90.0)


@pytest.mark.slow
async def test_an_rtsp_camera_that_stops_in_a_frame_is_opened_again(tmp_path: Path) -> None:
    async with RtspCamera(lambda: ONE) as server:
        source, health = camera(CameraOptions("cam-1", server.address(), held_s=0.5), tmp_path, pause_s=0.7)
        await told(source, back_again(server, health, server.hang), patience_s=90.0)


@pytest.mark.parametrize(
    ("path", "credentials", "words"),
    [
        ("/other", "ada:pass@", "no stream of that path"),
        ("/camera", "", "another name and password"),
        ("/camera", "ada:wrong@", "another name and password"),
    ],
)
async def test_why_an_rtsp_camera_cannot_be_watched_is_said(
    tmp_path: Path, path: str, credentials: str, words: str
) -> None:
    async with RtspCamera(lambda: ONE, "ada:pass") as server:
        source, health = camera(CameraOptions("cam-1", server.address(path, credentials)), tmp_path)
        assert await told(source, lambda heard: heard == ["down"]) == ["down"]
        (condition,) = health.conditions()
        assert condition.code == "no_camera"
        assert words in condition.hint
        assert not [each for each in ("127.0.0.1", "ada", "wrong", path) if each in condition.hint]


async def test_a_camera_where_nothing_listens_says_so(tmp_path: Path) -> None:
    async with RtspCamera(lambda: ONE) as server:
        address = server.address()
    source, health = camera(CameraOptions("cam-1", address), tmp_path)
    await told(source, lambda heard: heard == ["down"])
    assert "nothing listens there" in health.conditions()[0].hint


def test_a_jpeg_becomes_packets_in_order_with_its_tables_first() -> None:
    sent = packets(ONE, 65_534, 2**32 + 9)
    assert [int.from_bytes(each[2:4]) for each in sent[:4]] == [65_534, 65_535, 0, 1]
    assert {int.from_bytes(each[4:8]) for each in sent} == {9}
    assert [each[1] >> 7 for each in sent] == [0] * (len(sent) - 1) + [1]
    assert sent[0][20:24] == b"\x00\x00\x00\x80"
    offsets = [int.from_bytes(each[13:16]) for each in sent]
    assert offsets == [1400 * number for number in range(len(sent))]


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        cv2.imencode(".jpg", np.zeros((16, 16), np.uint8))[1].tobytes(),
        cv2.imencode(".jpg", np.zeros((15, 16, 3), np.uint8))[1].tobytes(),
        cv2.imencode(".jpg", np.zeros((16, 16, 3), np.uint8), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes(),
    ],
)
def test_a_jpeg_that_rtp_cannot_carry_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match=r"^it "):
        packets(wrong, 0, 0)
