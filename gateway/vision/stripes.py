"""Bar codes found by their stripes, stood upright and cut out, whichever way they lie in a picture.

Decoders look along a few directions for bars. Where the brightness changes along one direction alone (the structure
tensor of Förstner and Gülch, 1987) and often, there are bars, and the tensor says which way they run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from gateway.vision.code import Gray
from gateway.vision.preparations import Prepared

LOOK_PX: Final = 512
"""Stripes are looked for in a picture of this length."""
WIDTH_PX: Final = 1000
"""What is cut out is brought to this width: ten pixels a bar of EAN-13."""
SCALES: Final = (0.3, 4.0)
MOST: Final = 3
"""Places of one picture that are cut out, the most striking first."""
COHERENT: Final = 0.6
"""How much of the change has to lie along one direction (0 to 1)."""
STRONG: Final = 0.25
"""How strong it has to be, of the strongest in the picture."""
MARGINS: Final = (0.22, 0.05)
"""What is left around the stripes, of their extent: room for the quiet zones at the ends."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where stripes lie: the direction across them (radians), and their extent across and along (pixels)."""

    direction: float
    across: tuple[float, float]
    along: tuple[float, float]


def upright(gray: Gray) -> Iterator[Prepared]:
    """Each place with stripes by itself, its stripes upright."""
    for place in _places(gray):
        yield _cut_out(gray, place)


def _places(gray: Gray) -> Iterator[_Place]:
    factor = min(1.0, LOOK_PX / max(gray.shape))
    rows, columns = (max(1, round(each * factor)) for each in gray.shape)
    small = cv2.resize(gray, (columns, rows), interpolation=cv2.INTER_AREA)
    across, down = cv2.Scharr(small, cv2.CV_32F, 1, 0), cv2.Scharr(small, cv2.CV_32F, 0, 1)
    reach = max(9, max(rows, columns) // 24) | 1
    xx, yy, xy = (cv2.boxFilter(each, -1, (reach, reach)) for each in (across * across, down * down, across * down))
    change = xx + yy
    coherence = np.hypot(xx - yy, 2 * xy) / np.maximum(change, 1e-3)
    strength = np.sqrt(change)
    striped = (coherence > COHERENT) & (strength > STRONG * np.percentile(strength, 99.5))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(striped.astype(np.uint8))
    weights = np.bincount(labels.ravel(), (strength * coherence).ravel(), count)
    large = [label for label in range(1, count) if stats[label, cv2.CC_STAT_AREA] > reach * reach / 2]
    for label in sorted(large, key=lambda each: -weights[each])[:MOST]:
        there = labels == label
        direction = 0.5 * float(np.arctan2((2 * xy[there]).sum(), (xx - yy)[there].sum()))
        yield _place(np.argwhere(there)[:, ::-1] / factor, direction)


def _place(points: npt.NDArray[np.float64], direction: float) -> _Place:
    cosine, sine = np.cos(direction), np.sin(direction)
    across = np.percentile(points @ (cosine, sine), (1, 99))
    along = np.percentile(points @ (-sine, cosine), (1, 99))
    return _Place(direction, (float(across[0]), float(across[1])), (float(along[0]), float(along[1])))


def _cut_out(gray: Gray, place: _Place) -> Prepared:
    (left, right), (top, bottom) = (_wider(*place.across, MARGINS[0]), _wider(*place.along, MARGINS[1]))
    scale = float(np.clip(WIDTH_PX / (right - left), *SCALES))
    cosine, sine = np.cos(place.direction), np.sin(place.direction)
    there = np.array([[cosine, sine, -left], [-sine, cosine, -top]]) * scale
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    cut = cv2.warpAffine(gray, there, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return Prepared(np.asarray(cut, np.uint8), np.asarray(cv2.invertAffineTransform(there), np.float64))


def _wider(low: float, high: float, by: float) -> tuple[float, float]:
    margin = by * (high - low) + 8
    return low - margin, high + margin
