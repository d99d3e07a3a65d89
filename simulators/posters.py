"""Posters and catalogue pages drawn from a seed, and how a camera sees them held up: tilted, blurred, with glare."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
"""A grey picture, rows × columns."""

POSTER_PX = (680, 480)
"""Rows and columns of a poster."""
FRAME_PX = (720, 1280)
"""Rows and columns of a camera's frame."""
WORDS = (
    "NEW",
    "SALE",
    "SPRING",
    "RUN",
    "COTTON",
    "BASIC",
    "LIGHT",
    "CITY",
    "TRAIL",
    "KIDS",
    "WOOL",
    "OFFER",
    "CLASSIC",
)


@dataclass(frozen=True, slots=True)
class View:
    """How badly a poster is seen; each 0 to 1.

    At 1 it is tilted by 50 degrees, out of focus by 2.5 pixels, moved by 9, a third of it is in a lamp's glare.
    """

    tilt: float = 0.6
    blur: float = 0.6
    glare: float = 0.6


def poster(seed: int) -> Picture:
    """One of a campaign's posters: the same logo and frame as all others, its own photograph, headline and price."""
    chance = np.random.default_rng([seed, 1])
    rows, columns = POSTER_PX
    page = np.full(POSTER_PX, chance.integers(180, 255), np.uint8)
    page[120:520, 30:-30] = _photograph(chance, 400, columns - 60)
    headline = f"{chance.choice(WORDS)} {chance.choice(WORDS)}"
    cv2.putText(page, headline, (30, 90), cv2.FONT_HERSHEY_DUPLEX, 1.3, 20, 3, cv2.LINE_AA)
    for line in range(3):
        text = " ".join(chance.choice(WORDS, 4)).lower()
        cv2.putText(page, text, (34, 555 + 26 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.55, 60, 1, cv2.LINE_AA)
    price = f"{chance.integers(5, 199)},{chance.integers(10, 99)}"
    cv2.putText(page, price, (columns - 210, rows - 30), cv2.FONT_HERSHEY_TRIPLEX, 1.6, 10, 3, cv2.LINE_AA)
    cv2.circle(page, (60, rows - 40), 22, 30, -1)
    cv2.putText(page, "ACME", (95, rows - 28), cv2.FONT_HERSHEY_COMPLEX, 1.0, 30, 2, cv2.LINE_AA)
    cv2.rectangle(page, (8, 8), (columns - 9, rows - 9), 90, 4)
    return page


def view(held: Picture | None, seed: int, how: View | None = None) -> Picture:
    """A frame of a camera with `held` in front of it, or with a room alone."""
    chance, how = np.random.default_rng([seed, 2]), how or View()
    frame = _photograph(chance, *FRAME_PX).astype(np.float32)
    if held is not None:
        there = _placed(held, chance, how)
        size = FRAME_PX[::-1]
        cover = cv2.warpPerspective(np.full_like(held, 255), there, size)
        seen = cv2.warpPerspective(held, there, size, flags=cv2.INTER_AREA)
        light = chance.uniform(0.45, 1.1)
        frame = np.asarray(np.where(cover > 127, seen * light, frame), np.float32)
        frame = _with_glare(frame, there, held.shape, chance, how.glare)
    noisy = _blurred(frame, chance, how.blur) + chance.normal(0, 4, FRAME_PX)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def _photograph(chance: np.random.Generator, rows: int, columns: int) -> Picture:
    """Something with shapes, edges and texture at every size."""
    made = np.zeros((rows, columns), np.float32)
    for cells, weight in ((4, 90), (12, 50), (40, 25)):
        grain = chance.normal(0, 1, (cells, max(2, cells * columns // rows))).astype(np.float32)
        made += weight * cv2.resize(grain, (columns, rows), interpolation=cv2.INTER_CUBIC)
    picture = np.clip(made + 128, 0, 255).astype(np.uint8)
    for _ in range(int(chance.integers(8, 25))):
        x, y, size = (int(chance.integers(low, high)) for low, high in ((0, columns), (0, rows), (10, rows // 4)))
        points = np.rint(chance.normal((x, y), size, (int(chance.integers(3, 8)), 2))).astype(np.int32)
        cv2.fillPoly(picture, [cv2.convexHull(points)], int(chance.integers(0, 255)), cv2.LINE_AA)
    return picture


def _placed(held: Picture, chance: np.random.Generator, how: View) -> npt.NDArray[np.float64]:
    """Where a poster's pixels come to lie: its plane turned about two axes in front of a lens."""
    rows, columns = held.shape
    yaw, pitch = chance.uniform(-1, 1, 2) * np.deg2rad(50) * how.tilt
    roll = chance.uniform(-1, 1) * np.deg2rad(35)
    about = cv2.Rodrigues(np.array([0, 0, roll]))[0] @ cv2.Rodrigues(np.array([pitch, yaw, 0.0]))[0]
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (columns / rows, 1) / 2
    space = np.column_stack([corners, np.zeros(4)]) @ about.T
    height = chance.uniform(0.55, 0.95) * FRAME_PX[0]
    flat = space[:, :2] / (1 + space[:, 2:] * 0.5) * height
    flat += np.array(FRAME_PX[::-1]) / 2 + chance.uniform(-1, 1, 2) * (200, 40)
    square = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(square, flat.astype(np.float32)), np.float64)


def _with_glare(
    frame: npt.NDArray[np.float32],
    there: npt.NDArray[np.float64],
    size: tuple[int, ...],
    chance: np.random.Generator,
    glare: float,
) -> npt.NDArray[np.float32]:
    spot = np.array([[chance.uniform(0.2, 0.8, 2) * size[::-1]]], np.float32)
    x, y = cv2.perspectiveTransform(spot, there)[0, 0]
    down, across = np.mgrid[0 : frame.shape[0], 0 : frame.shape[1]].astype(np.float32)
    reach = 30 + 110 * glare
    lamp = 260 * glare * np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * reach**2))
    return np.asarray(frame + lamp, np.float32)


def _blurred(frame: npt.NDArray[np.float32], chance: np.random.Generator, blur: float) -> npt.NDArray[np.float32]:
    soft = cv2.GaussianBlur(frame, (0, 0), 0.4 + 2.1 * blur * chance.uniform(0.2, 1))
    length = 1 + int(8 * blur * chance.uniform(0, 1))
    line = np.zeros((length, length), np.float32)
    line[length // 2] = 1 / length
    middle = ((length - 1) / 2, (length - 1) / 2)
    line = np.asarray(
        cv2.warpAffine(line, cv2.getRotationMatrix2D(middle, chance.uniform(0, 180), 1), (length, length)), np.float32
    )
    return np.asarray(cv2.filter2D(soft, -1, line / max(float(line.sum()), 1e-6)), np.float32)
