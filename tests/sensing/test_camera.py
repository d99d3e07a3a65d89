"""Cameras of every kind, what is held up to them, and children that die, hang or lie."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
import qrcode
from numpy.typing import NDArray

from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import CodeText, Sighting
from gateway.runtime.health import Health
from gateway.sensing.camera.options import CameraOptions, problems
from gateway.sensing.camera.source import CameraSource
from gateway.sensing.source import Surroundings
from simulators.posters import View, poster, view

Frame = NDArray[np.uint8]
PATIENCE_S = 30.0


def frame(*texts: str) -> Frame:
    """A frame of 640 × 360 with codes side by side."""
    made = np.full((360, 640), 110, np.uint8)
    for number, text in enumerate(texts):
        code = qrcode.QRCode(border=4)
        code.add_data(text)
        picture = np.kron(~np.array(code.get_matrix()), np.ones((5, 5))).astype(np.uint8) * 255
        rows, columns = picture.shape
        made[20 : 20 + rows, 20 + number * 300 : 20 + number * 300 + columns] = picture
    return made


def film(folder: Path, *frames: Frame) -> Path:
    folder.mkdir()
    for number, each in enumerate(frames):
        cv2.imwrite(str(folder / f"{number:04}.jpg"), each)
    return folder


def camera(options: CameraOptions, tmp_path: Path, **bounds: float) -> tuple[CameraSource, Health]:
    health = Health()

    def no_document(path: Path, name: str) -> None:
        raise AssertionError(f"{path} {name}")

    return CameraSource(options, Surroundings(tmp_path, health, no_document), **bounds), health  # type: ignore[arg-type]


async def told(
    source: CameraSource, until: Callable[[list[str]], bool] = lambda _: False, patience_s: float = PATIENCE_S
) -> list[str]:
    """What a source says, in order, until it ends or it is enough."""
    heard: list[str] = []
    async with asyncio.timeout(patience_s), source:
        async for sensed in source:
            match sensed.input:
                case Sighting("code", "cam-1", CodeText(symbology, text)):
                    heard.append(f"{symbology} {text}")
                case ReceiverHealth("cam-1", status):
                    heard.append(status)
                case other:
                    raise AssertionError(other)
            if until(heard):
                break
    return heard


def code_of(health: Health) -> str:
    return next(each.code for each in health.conditions() if each.part == "source:cam-1")


async def test_a_folder_of_frames_is_watched_to_its_end(tmp_path: Path) -> None:
    empty = frame()
    folder = film(tmp_path / "film", *[empty] * 3, *[frame("https://shop.example/m/A7")] * 10, *[empty] * 3)
    source, health = camera(CameraOptions("cam-1", str(folder), cpu=1.0), tmp_path)
    assert await told(source) == ["up", "qr_code https://shop.example/m/A7", "down"]
    assert code_of(health) == "over"


async def test_a_video_file_and_two_codes_of_one_frame(tmp_path: Path) -> None:
    path = tmp_path / "film.avi"
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (640, 360))
    for _ in range(20):
        video.write(cv2.cvtColor(frame("one", "two"), cv2.COLOR_GRAY2BGR))
    video.release()
    source, _ = camera(CameraOptions("cam-1", str(path), cpu=1.0), tmp_path)
    assert sorted(await told(source)) == ["down", "qr_code one", "qr_code two", "up"]


async def test_the_same_text_in_two_places_is_two_codes(tmp_path: Path) -> None:
    folder = film(tmp_path / "film", *[frame("one", "one")] * 6)
    source, _ = camera(CameraOptions("cam-1", str(folder), cpu=1.0), tmp_path)
    assert sorted(await told(source)) == ["down", "qr_code one", "qr_code one", "up"]


async def test_a_poster_is_told_as_its_marker(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(3):
        cv2.imwrite(str(pictures / f"P{number}.png"), poster(number))
    folder = film(tmp_path / "film", *[view(poster(1), 4, View(0.3, 0.3, 0.3))] * 100)
    options = CameraOptions("cam-1", str(folder), cpu=1.0, pictures=pictures)
    source, _ = camera(options, tmp_path)
    assert await told(source, lambda heard: "picture P1" in heard) == ["up", "picture P1"]


async def test_pictures_that_cannot_be_learned_are_a_condition(tmp_path: Path) -> None:
    options = CameraOptions("cam-1", str(film(tmp_path / "film", frame())), pictures=tmp_path)
    source, health = camera(options, tmp_path)
    assert await told(source, lambda heard: heard == ["down"]) == ["down"]
    assert code_of(health) == "bad_pictures"


@asynccontextmanager
async def mjpeg(frames: list[Frame]) -> AsyncIterator[tuple[str, Callable[[], None]]]:
    """A camera of MJPEG over HTTP: its address, and what cuts everybody off."""
    pictures = [cv2.imencode(".jpg", each)[1].tobytes() for each in frames]
    open_ones: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.add(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=cut\r\n\r\n")
            number = 0
            while not writer.is_closing():
                picture = pictures[number % len(pictures)]
                writer.write(b"--cut\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture))
                writer.write(picture + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0.05)
                number += 1
        writer.close()

    def cut() -> None:
        for writer in open_ones:
            writer.transport.abort()
        open_ones.clear()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/camera", cut
    finally:
        cut()
        server.close()


async def test_a_stream_that_is_cut_is_opened_again(tmp_path: Path) -> None:
    async with mjpeg([frame("one")]) as (address, cut):
        source, health = camera(CameraOptions("cam-1", address, held_s=0.5), tmp_path, pause_s=0.7)

        def enough(heard: list[str]) -> bool:
            if sorted(heard) == ["qr_code one", "up"]:
                cut()
            return heard.count("qr_code one") == 2 and heard[2:].count("up") == 1

        heard = await told(source, enough)
    assert sorted(heard) == ["down", "qr_code one", "qr_code one", "up", "up"]
    assert code_of(health) == "watching"


@pytest.mark.parametrize(
    ("blow", "code", "hang_s"), [(signal.SIGKILL, "camera_lost", 60.0), (signal.SIGSTOP, "camera_stuck", 5.0)]
)
async def test_another_child_takes_over(tmp_path: Path, blow: signal.Signals, code: str, hang_s: float) -> None:
    """On a busy machine the first child may start so slowly that it is taken for hung, and the second too."""
    async with mjpeg([frame("one")]) as (address, _):
        options = CameraOptions("cam-1", address, held_s=60)
        source, health = camera(options, tmp_path, hang_s=hang_s, pause_s=0.2)
        children, codes = set(), set()

        def enough(heard: list[str]) -> bool:
            if source.child_pid is not None and "up" in heard and not children:
                children.add(source.child_pid)
                os.kill(source.child_pid, blow)
            if heard[-1] == "down" and children:
                codes.add(code_of(health))
            return heard.count("up") == 2

        heard = await told(source, enough, patience_s=90.0)
    assert codes == {code}
    turns = [each for each in heard if each != "qr_code one"]
    assert turns[turns.index("up") :] == ["up", "down", "up"]
    assert heard.count("qr_code one") == 1, "it was held up all the while"
    (first,) = children
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


async def test_a_camera_that_is_plugged_in_later_is_opened(tmp_path: Path) -> None:
    place = tmp_path / "video9"
    source, health = camera(CameraOptions("cam-1", str(place)), tmp_path, pause_s=0.2)

    def enough(heard: list[str]) -> bool:
        if heard == ["down"]:
            assert code_of(health) == "no_camera"
            film(tmp_path / "unseen", *[frame("one")] * 8).rename(place)
        return "qr_code one" in heard

    heard = await told(source, enough)
    assert (heard[0], heard[-1]) == ("down", "qr_code one")


@pytest.mark.parametrize("where", ["/nowhere/video9", "http://127.0.0.1:9/none"])
async def test_a_camera_that_is_not_there_is_a_condition_without_its_address(tmp_path: Path, where: str) -> None:
    source, health = camera(CameraOptions("cam-1", where), tmp_path)
    with suppress(TimeoutError):
        async with asyncio.timeout(60):
            await told(source, lambda heard: heard == ["down"])
    assert code_of(health) == "no_camera"
    assert all(where not in each.hint for each in health.conditions())


def test_what_is_wrong_with_the_options(tmp_path: Path) -> None:
    wrong = CameraOptions("", "webcam", 0.0, 2.0, 0.0, tmp_path / "none")
    assert [key for key, _, _ in problems(wrong)] == [
        *("receiver", "camera", "frames_per_s", "cpu", "held_s", "pictures")
    ]
    assert problems(CameraOptions("cam-1", "/dev/video0")) == []
