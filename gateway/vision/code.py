"""What is read off a picture, and where."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.uint8]
"""A grey picture, rows × columns."""
Points = npt.NDArray[np.float32]
"""Points of a picture as (x, y) in pixels, one a row."""

SYMBOLOGIES: Final = (
    "qr_code", "micro_qr_code", "data_matrix", "ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf",
    "pdf_417", "aztec",
)  # fmt: skip
"""Those that are read."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says.

    `octets` are exactly those that it holds, `text` what they spell. `gs1` is the symbology identifier (ISO/IEC 15424)
    of a code that says of itself that it holds element strings, else empty.
    """

    symbology: str
    text: str
    octets: bytes
    gs1: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A code and its four corners, in order, in pixels of the picture that was looked at."""

    code: Code
    corners: Points

    def moved(self, to: npt.NDArray[np.float64]) -> "Reading":
        """The same with its corners moved by a 2×3 matrix."""
        return Reading(self.code, (self.corners @ to[:, :2].T + to[:, 2]).astype(np.float32))


def centre(corners: Points) -> Points:
    """The middle of four corners."""
    middle: Points = corners.mean(axis=0)
    return middle


def side(corners: Points) -> float:
    """The longest side of a four-cornered figure (pixels)."""
    return float(np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1).max())
