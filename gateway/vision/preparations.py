"""Ways to prepare a picture for the decoders: each makes some codes readable that were not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from gateway.vision.code import Gray

SMALL_PX: Final = 1600
"""A picture up to this long is enlarged too."""
LARGE_PX: Final = 900
"""A longer one is reduced too."""
FEWEST_PX: Final = 10
"""A narrower one is not: nothing would be left of it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture made ready; `back` (2×3) moves its points to those of the picture that it was made of."""

    gray: Gray
    back: npt.NDArray[np.float64]


Prepare = Callable[[Gray], Prepared | None]
"""None where it would add nothing."""

_SAME: Final = np.eye(2, 3)


def plain(gray: Gray) -> Prepared:
    """As it is."""
    return Prepared(gray, _SAME)


def contrast(gray: Gray) -> Prepared:
    """Local contrast raised: shadows, glare, low light."""
    return Prepared(_grey(cv2.createCLAHE(3.0, (8, 8)).apply(gray)), _SAME)


def larger(gray: Gray) -> Prepared | None:
    """Twice the size: modules of one to three pixels."""
    if max(gray.shape) > SMALL_PX:
        return None
    return _resized(gray, 2.0, cv2.INTER_CUBIC)


def smaller(gray: Gray) -> Prepared | None:
    """Half the size or less: noise, blur, screens and codes that fill the picture."""
    if max(gray.shape) <= LARGE_PX // 2 or min(gray.shape) < FEWEST_PX:
        return None
    return _resized(gray, min(0.5, LARGE_PX / max(gray.shape)), cv2.INTER_AREA)


def turned(gray: Gray) -> Prepared:
    """Turned by 45 degrees: bar codes between the directions in which decoders scan."""
    factor = min(1.0, SMALL_PX / max(gray.shape))
    rows, columns = gray.shape
    size = int(np.hypot(rows, columns) * factor) + 1
    there = cv2.getRotationMatrix2D((columns / 2, rows / 2), 45, factor)
    there[:, 2] += ((size - columns) / 2, (size - rows) / 2)
    turned = cv2.warpAffine(gray, there, (size, size), flags=cv2.INTER_LINEAR, borderValue=(255,))
    return Prepared(_grey(turned), np.asarray(cv2.invertAffineTransform(there), np.float64))


def smooth(gray: Gray) -> Prepared:
    """Smoothed: noise, and the grid of a screen."""
    return Prepared(_grey(cv2.GaussianBlur(gray, (0, 0), 1.5)), _SAME)


def sharp(gray: Gray) -> Prepared:
    """Sharpened: out of focus."""
    return Prepared(_sharpened(gray, 2.0), _SAME)


def sharper(gray: Gray) -> Prepared | None:
    """Enlarged and sharpened: small and out of focus."""
    large = larger(gray)
    return None if large is None else Prepared(_sharpened(large.gray, 4.0), large.back)


def black_and_white(gray: Gray) -> Prepared:
    """Black and white by the neighbourhood of each pixel: uneven light."""
    block = max(31, min(gray.shape) // 12) | 1
    mode = cv2.ADAPTIVE_THRESH_MEAN_C
    return Prepared(_grey(cv2.adaptiveThreshold(gray, 255, mode, cv2.THRESH_BINARY, block, 7)), _SAME)


def closed(gray: Gray) -> Prepared:
    """Gaps of dark dots closed: dot-matrix print, engraved codes."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    return Prepared(_grey(cv2.morphologyEx(gray, cv2.MORPH_OPEN, kernel)), _SAME)


def negative(gray: Gray) -> Prepared:
    """Light on dark made dark on light."""
    return Prepared(_grey(cv2.bitwise_not(gray)), _SAME)


FIRST: Final[tuple[Prepare, ...]] = (plain, contrast, larger, smaller, turned)
"""Always tried."""
FURTHER: Final[tuple[Prepare, ...]] = (smooth, sharp, sharper, black_and_white, closed, negative)
"""Tried where the first left something unread."""


def _resized(gray: Gray, factor: float, how: int) -> Prepared:
    resized = cv2.resize(gray, None, fx=factor, fy=factor, interpolation=how)
    return Prepared(_grey(resized), np.array([[1 / factor, 0, 0], [0, 1 / factor, 0]]))


def _sharpened(gray: Gray, sigma: float) -> Gray:
    return _grey(cv2.addWeighted(gray, 2.5, cv2.GaussianBlur(gray, (0, 0), sigma), -1.5, 0))


def _grey(made: object) -> Gray:
    return np.asarray(made, np.uint8)
