"""What one frame after another shows: zxing-cpp first and on a diet, more only where a code is to be had."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from zxingcpp import BarcodeFormat as Format

from gateway.codecs.camera_link import CodeSeen
from gateway.vision.agreement import VOTES, VOTES_OF_OTHERS
from gateway.vision.code import Code, Gray, Points, Reading, centre, side
from gateway.vision.creases import unbent
from gateway.vision.decoders import zbar, zxing
from gateway.vision.gallery import Gallery

SECOND_EVERY: Final = 10
"""The second decoder and the bent codes take one frame in so many at most."""
LIVE_ATTEMPTS: Final = 120
"""Attempts to read a bent code in one frame: others follow."""
REMEMBERED: Final = 30
"""A bar code or picture counts when another of the last so many frames showed the same."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked for in one frame: everything in each would cost three times as much."""

    formats: Sequence[Format]
    rotate: bool = False
    invert: bool = False


PICTURES_EVERY: Final = 5
"""Reference pictures are looked for in one frame of so many: it costs as much as ten looks for codes."""
LOOKS: Final = (
    Look((*zxing.QR, *zxing.RETAIL)),
    Look((*zxing.QR, *zxing.MATRIX)),
    Look((*zxing.QR, *zxing.RETAIL), rotate=True),
    Look(zxing.QR, invert=True),
)
"""In turn; a QR code is looked for in every frame, whichever way it is held."""


class Watcher:
    """Keeps what it needs from frame to frame: whose turn it is, and bar codes seen once."""

    def __init__(self, gallery: Gallery | None = None) -> None:
        self._gallery = gallery
        self._frame = 0
        self._second_at = -SECOND_EVERY
        self._once: dict[Code, int] = {}

    def look(self, gray: Gray) -> list[CodeSeen]:
        """The codes that the next frame shows and that are sure."""
        self._frame += 1
        look = LOOKS[self._frame % len(LOOKS)]
        found, unread = zxing.look(gray, look.formats, rotate=look.rotate, invert=look.invert)
        if unread and self._frame - self._second_at >= SECOND_EVERY:
            self._second_at = self._frame
            found += self._second(gray, max(unread, key=side))
        if self._gallery is not None and self._frame % PICTURES_EVERY == 0:
            shown = self._gallery.recognise(gray)
            found += [] if shown is None else [Reading(Code("picture", shown.marker, b""), shown.corners)]
        return [_seen(each, gray) for each in found if self._is_sure(each.code)]

    def _second(self, gray: Gray, corners: Points) -> list[Reading]:
        crop, back = _around(gray, corners)
        found = [each.moved(back) for each in zbar.read(crop)]
        if not found:
            code = unbent(gray, corners, lambda: True, LIVE_ATTEMPTS)
            found = [] if code is None else [Reading(code, corners)]
        return found

    def _is_sure(self, code: Code) -> bool:
        if VOTES.get(code.symbology, VOTES_OF_OTHERS) == 1:
            return True
        last = self._once.pop(code, None)
        self._once[code] = self._frame
        if len(self._once) > REMEMBERED:
            del self._once[next(iter(self._once))]
        return last is not None and 0 < self._frame - last <= REMEMBERED


def _around(gray: Gray, corners: Points) -> tuple[Gray, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """The part of a frame with these corners and a margin, and what moves its points back."""
    margin = side(corners) * 0.2
    left, top = np.maximum(corners.min(axis=0) - margin, 0).astype(int)
    right, bottom = (corners.max(axis=0) + margin).astype(int)
    back = np.array([[1.0, 0, left], [0, 1.0, top]])
    return np.ascontiguousarray(gray[top:bottom, left:right]), back


def _seen(reading: Reading, gray: Gray) -> CodeSeen:
    x, y = centre(reading.corners) / (gray.shape[1], gray.shape[0])
    text = reading.code.gs1 + reading.code.text
    return CodeSeen(reading.code.symbology, text, round(float(x), 3), round(float(y), 3))
