"""Posters and catalogue pages recognised among at most 200 reference pictures, each of which stands for a marker.

A frame's SIFT features vote for the pictures that have the like. The few pictures with most votes are compared feature
by feature; one is recognised when a plane explains where enough of them lie, and the page, seen straight, agrees with
the reference almost everywhere: pages of one campaign share logo, frame and words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from gateway.vision.code import Gray, Points
from gateway.vision.picture_file import PictureProblem, load, reduced

MOST_PICTURES: Final = 200
SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
REFERENCE_PX: Final = 400
"""Reference pictures are learned at this length."""
FRAME_PX: Final = 544
"""Frames are looked at in this length."""
LEARNED: Final = 200
"""Features of a reference picture."""
SOUGHT: Final = 300
"""Features of a frame."""
FEWEST: Final = 40
"""A reference picture with fewer features could be anything."""
CONTRAST: Final = 0.02
"""Of a feature; half of SIFT's own default, for what is blurred."""
CANDIDATES: Final = 3
VOTES: Final = 4
"""Features of a frame that a picture needs to be looked at more closely."""
CLEARLY: Final = 0.85
"""A feature counts where its nearest is nearer than this fraction of the next one's distance."""
INLIERS: Final = 14
"""Features that have to lie in one plane."""
OFF_PX: Final = 3.0
"""How far off a feature may lie (pixels of the frame)."""
AGREES: Final = 0.57
"""How much of the page has to look like the reference; glare may cover the rest."""
COMPARED_PX: Final = 96
"""The page and the reference are compared at this width."""

Floats = npt.NDArray[np.float32]


class BadPictures(Exception):
    """The folder of reference pictures cannot be used: which file, why, what to do."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A reference picture in a frame: the marker that it stands for, and its corners in the frame's pixels."""

    marker: str
    corners: Points


@dataclass(frozen=True, slots=True)
class _Reference:
    marker: str
    gray: Gray
    places: Points
    features: Floats


class Gallery:
    """The reference pictures, learned."""

    def __init__(self, references: list[_Reference]) -> None:
        self._references = references
        self._owner = np.repeat(np.arange(len(references)), [len(each.features) for each in references])
        self._all = cv2.FlannBasedMatcher({"algorithm": 1, "trees": 4}, {"checks": 48})
        self._all.add([np.vstack([each.features for each in references])])
        cv2.setRNGSeed(1)
        self._all.train()

    def __len__(self) -> int:
        return len(self._references)

    def recognise(self, gray: Gray) -> Recognised | None:
        """The reference picture that a frame shows; None for none, or if it is not sure."""
        small = reduced(gray, FRAME_PX)
        places, features = _described(small, SOUGHT)
        if len(places) < INLIERS:
            return None
        for candidate in self._voted(features):
            reference = self._references[candidate]
            plane = _plane(reference, places, features)
            if plane is not None and _agreement(small, plane, reference.gray) >= AGREES:
                return Recognised(reference.marker, _corners(reference.gray, plane) * (max(gray.shape) / FRAME_PX))
        return None

    def _voted(self, features: Floats) -> list[int]:
        """The references with most features alike, best first."""
        votes = np.zeros(len(self._references), int)
        for pair in self._all.knnMatch(features, k=2):
            if len(pair) == 2:
                first, second = (self._owner[each.trainIdx] for each in pair)
                votes[first] += int(first == second or pair[0].distance < 0.9 * pair[1].distance)
        return [int(each) for each in np.argsort(-votes)[:CANDIDATES] if votes[each] >= VOTES]


def learn(folder: Path, alive: Callable[[], None]) -> Gallery:
    """The gallery of a folder, each picture named by its marker's id; `alive` is called after each.

    Raises:
        BadPictures: a picture cannot be learned, there is none, or there are too many.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not 0 < len(paths) <= MOST_PICTURES:
        raise BadPictures(f"the folder holds {len(paths)} pictures: put 1 to {MOST_PICTURES} there")
    references = []
    for path in paths:
        references.append(_learned(path))
        alive()
    return Gallery(references)


def _learned(path: Path) -> _Reference:
    try:
        gray = reduced(load(path), REFERENCE_PX)
    except PictureProblem as problem:
        raise BadPictures(f"{path.name}: {problem}") from problem
    places, features = _described(gray, LEARNED)
    if len(places) < FEWEST:
        raise BadPictures(f"{path.name}: it has too little to be recognised by; take a picture with more in it")
    return _Reference(path.stem, gray, places, features)


def _described(gray: Gray, most: int) -> tuple[Points, Floats]:
    """The strongest features: where, and what they are like (RootSIFT: the root of SIFT's histogram)."""
    keypoints, found = cv2.SIFT.create(nfeatures=most, contrastThreshold=CONTRAST).detectAndCompute(gray, None)
    if not keypoints:
        return np.empty((0, 2), np.float32), np.empty((0, 128), np.float32)
    histograms = np.asarray(found, np.float32)
    features = np.sqrt(histograms / np.maximum(histograms.sum(axis=1, keepdims=True), 1e-6))
    return np.array([each.pt for each in keypoints], np.float32), features


def _plane(reference: _Reference, places: Points, features: Floats) -> npt.NDArray[np.float64] | None:
    """What moves the reference's points to the frame's, if a page explains enough features."""
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(features, reference.features, k=2)
    clear = [best for best, second in pairs if best.distance <= CLEARLY * second.distance]
    if len(clear) < INLIERS:
        return None
    there = reference.places[[each.trainIdx for each in clear]]
    here = places[[each.queryIdx for each in clear]]
    found, fits = cv2.findHomography(there, here, cv2.USAC_MAGSAC, OFF_PX, maxIters=1000, confidence=0.999)
    plane = np.asarray(found, np.float64)
    if plane.shape != (3, 3) or int(fits.sum()) < INLIERS or not _is_page(_corners(reference.gray, plane)):
        return None
    return plane


def _corners(gray: Gray, plane: npt.NDArray[np.float64]) -> Points:
    rows, columns = gray.shape
    square = np.array([[(0, 0), (columns, 0), (columns, rows), (0, rows)]], np.float32)
    return np.asarray(cv2.perspectiveTransform(square, plane)[0], np.float32)


def _agreement(frame: Gray, plane: npt.NDArray[np.float64], reference: Gray) -> float:
    """How much of the page in the frame looks like the reference (0 to 1), by correlation around each pixel."""
    rows, columns = reference.shape
    scale = COMPARED_PX / columns
    size = (COMPARED_PX, max(1, int(rows * scale)))
    shrink = np.diag([scale, scale, 1.0])
    seen = _soft(cv2.warpPerspective(frame, shrink @ np.linalg.inv(plane), size, flags=cv2.INTER_AREA))
    known = _soft(cv2.resize(reference, size, interpolation=cv2.INTER_AREA))
    seen_mean, known_mean = _mean(seen), _mean(known)
    seen_spread, known_spread = _mean(seen * seen) - seen_mean**2, _mean(known * known) - known_mean**2
    together = _mean(seen * known) - seen_mean * known_mean
    alike = together > 0.5 * np.sqrt(np.maximum(seen_spread, 1) * np.maximum(known_spread, 1))
    telling = known_spread > 30
    return float(alike[telling].mean()) if telling.any() else 0.0


def _soft(picture: object) -> Floats:
    return np.asarray(cv2.GaussianBlur(np.asarray(picture, np.float32), (0, 0), 1.5), np.float32)


def _mean(picture: Floats) -> Floats:
    return np.asarray(cv2.blur(picture, (17, 17)), np.float32)


def _is_page(corners: Points) -> bool:
    """Whether four corners are those of a page seen by a camera: convex, not mirrored, not a sliver."""
    edges = np.roll(corners, -1, axis=0) - corners
    after = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * after[:, 1] - edges[:, 1] * after[:, 0]
    lengths = np.linalg.norm(edges, axis=1)
    return bool((turns > 0).all() and lengths.min() > 40 and lengths.max() < 6 * lengths.min())
