"""A QR code on cloth, foil or a bent page, made flat by trying how it may be bent.

A decoder that found the corners of a code but could not decode it took the surface for flat. Here the corners' square
is bent by nine control points at random, again and again; the error correction (ISO/IEC 18004) says which bend was near
enough.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from gateway.vision.code import Code, Gray, Points, Reading, side
from gateway.vision.decoders.zxing import QR, readings

SIDES_PX: Final = (240, 400)
"""The least and the most that a code is brought to."""
BENDS: Final = (0.005, 0.02)
"""The control points' deviation, of the side: the first attempts bend little, the last ones much."""
ATTEMPTS: Final = 1500
AGREEING: Final = 3
"""Attempts that must give the same: a wrong one passes error correction now and then, and hardly twice."""
_SEED: Final = 20060
_MARGIN: Final = 9
"""The margin around the code is this fraction of its side."""

Floats = npt.NDArray[np.float32]


def unbent(gray: Gray, corners: Points, may_go_on: Callable[[], bool], attempts: int = ATTEMPTS) -> Code | None:
    """What the QR code at `corners` says; None if no bend made it readable, or `may_go_on` said no before."""
    px = int(np.clip(side(corners), *SIDES_PX))
    flat = _square(gray, corners, px)
    seen: Counter[Code] = Counter()
    for number, (across, down) in enumerate(_bends(px, attempts)):
        if number % 20 == 19 and not may_go_on():
            break
        bent = cv2.remap(flat, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for reading in _read(np.asarray(bent, np.uint8)):
            seen[reading.code] += 1
            if seen[reading.code] >= AGREEING:
                return reading.code
    return None


def _read(flat: Gray) -> list[Reading]:
    return readings(flat, QR, rotate=False, downscale=False, invert=False)


def _square(gray: Gray, corners: Points, px: int) -> Gray:
    """The code seen from the front, `px` a side, with a margin."""
    margin = px // _MARGIN
    low, high, size = margin, margin + px, 2 * margin + px
    square = np.array([(low, low), (high, low), (high, high), (low, high)], np.float32)
    there = cv2.getPerspectiveTransform(corners, square)
    flat = cv2.warpPerspective(gray, there, (size, size), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.uint8)


def _bends(px: int, attempts: int) -> Iterator[tuple[Floats, Floats]]:
    """Where each pixel of a bent square comes from: the same bends for the same `px`.

    The three corners with finder patterns stay: those a decoder found exactly. A biquadratic surface joins the points.
    """
    margin = px // _MARGIN
    at = (np.arange(px + 2 * margin, dtype=np.float32) - margin) / px
    weights = np.stack([2 * (at - 0.5) * (at - 1), -4 * at * (at - 1), 2 * at * (at - 0.5)])
    across, down = np.meshgrid(np.arange(len(at), dtype=np.float32), np.arange(len(at), dtype=np.float32))
    chance = np.random.default_rng(_SEED)
    for strength in np.linspace(*BENDS, attempts):
        moved = chance.normal(0, strength * px, (2, 3, 3)).astype(np.float32)
        moved[:, [0, 0, 2], [0, 2, 0]] = 0
        yield across + weights.T @ moved[0] @ weights, down + weights.T @ moved[1] @ weights
