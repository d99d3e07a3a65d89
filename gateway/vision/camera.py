"""Frames of whatever a camera is: a device, a stream, a video file or a folder of pictures."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_IFDIR, S_IFREG
from typing import Final, Protocol

import cv2
import numpy as np

from gateway.runtime.files import kind_of
from gateway.vision.code import Gray
from gateway.vision.overheard import in_words, overheard
from gateway.vision.picture_file import PictureProblem, load, reduced

TIMEOUT_MS: Final = 8000
"""How long a stream may take to open, and to give its next frame (milliseconds)."""
WIDTH, HEIGHT = 1280, 720
"""What a device is asked for."""
MOST_SIDE_PX: Final = 1920
"""A longer frame is reduced to this."""
PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"})


class NoCamera(Exception):
    """It cannot be opened: why, without its address, which may hold a password; `case` is that in a word."""

    def __init__(self, case: str, problem: str) -> None:
        super().__init__(problem)
        self.case = case


class Frames(Protocol):
    """One frame after the other; nothing is unpacked that nobody asks for."""

    def grab(self) -> bool:
        """Go on to the next frame, waiting for it; False when there is none."""

    def gray(self) -> Gray | None:
        """The frame, grey; None when it cannot be unpacked."""

    @property
    def has_end(self) -> bool:
        """Whether that there is no further frame is its end, and no fault."""


def open_camera(camera: str, frames_per_s: float) -> Frames:
    """The frames of `camera`; those of a folder come at `frames_per_s`, those of a file at its own rate.

    Raises:
        NoCamera: it cannot be opened.
    """
    path = Path(camera)
    if "://" in camera:
        timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, TIMEOUT_MS]
        with overheard() as said:
            stream = cv2.VideoCapture(camera, cv2.CAP_FFMPEG, timeouts)
        return _Stream(_opened(stream, *in_words(said())))
    kind = kind_of(path)
    if kind == S_IFDIR:
        return _Folder(path, 1 / frames_per_s)
    if kind == S_IFREG:
        video = _opened(cv2.VideoCapture(camera, cv2.CAP_FFMPEG), "no_video", "the file is no video")
        own = video.get(cv2.CAP_PROP_FPS)
        return _Stream(video, every_s=1 / (own if 0 < own <= 240 else frames_per_s))
    if not kind:
        raise NoCamera("not_there", "there is no such device or file: is the camera plugged in?")
    silent = "the device gives no video: who else uses it, and may we?"
    device = _opened(cv2.VideoCapture(camera, cv2.CAP_V4L2), "device", silent)
    device.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    device.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
    device.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
    device.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return _Stream(device)


def _opened(capture: cv2.VideoCapture, case: str, otherwise: str) -> cv2.VideoCapture:
    if not capture.isOpened():
        raise NoCamera(case, otherwise)
    return capture


class _Stream:
    """A device or stream, in its own time; a file where `every_s` says how long each frame lasts."""

    def __init__(self, capture: cv2.VideoCapture, every_s: float | None = None) -> None:
        self._capture = capture
        self._wait = None if every_s is None else _metronome(every_s)
        self.has_end = every_s is not None

    def grab(self) -> bool:
        if self._wait is not None:
            next(self._wait)
        return self._capture.grab()

    def gray(self) -> Gray | None:
        taken, frame = self._capture.retrieve()
        if not taken or not frame.size:
            return None
        return reduced(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8), MOST_SIDE_PX)


class _Folder:
    """The pictures of a folder by their names."""

    has_end = True

    def __init__(self, folder: Path, every_s: float) -> None:
        self._left = iter(sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES))
        self._wait = _metronome(every_s)
        self._at: Path | None = None

    def grab(self) -> bool:
        next(self._wait)
        self._at = next(self._left, None)
        return self._at is not None

    def gray(self) -> Gray | None:
        if self._at is None:
            return None
        try:
            return reduced(load(self._at), MOST_SIDE_PX)
        except PictureProblem:
            return None


def _metronome(
    every_s: float, now_s: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> Iterator[None]:
    """Waits until each beat; one that is late begins the count anew."""
    due_s = now_s()
    while True:
        sleep(max(0.0, due_s - now_s()))
        due_s = max(due_s, now_s() - every_s) + every_s
        yield
