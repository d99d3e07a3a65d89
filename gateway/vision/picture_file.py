"""A picture's bytes as grey pixels, within bounds."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import cv2
import numpy as np

from gateway.vision.code import Gray

MOST_BYTES: Final = 64 << 20
MOST_SIDE_PX: Final = 4096
"""A longer picture is reduced to this before it is looked at."""
_FORMATS: Final[Mapping[str, tuple[bytes, int]]] = MappingProxyType(
    {"PNG": (b"\x89PNG", 0), "JPEG": (b"\xff\xd8", 0), "GIF": (b"GIF8", 0), "BMP": (b"BM", 0), "WebP": (b"WEBP", 8)}
)
"""What a picture's bytes begin with, and where."""


class PictureProblem(Exception):
    """A file cannot be looked at: what it is, and what to do."""


def load(path: Path) -> Gray:
    """The picture in a file, grey, on white where it is transparent; the first one where it holds several.

    Raises:
        PictureProblem: it cannot be read, is no picture, or is too large.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise PictureProblem(f"it cannot be read ({error.strerror}): check its rights") from error
    if len(octets) > MOST_BYTES:
        raise PictureProblem(f"it has more than {MOST_BYTES >> 20} MiB: save it smaller")
    return unpack(octets)


def unpack(octets: bytes) -> Gray:
    """The picture that the bytes of a file hold.

    Raises:
        PictureProblem: they hold none, or one that is too large.
    """
    if not any(octets[place : place + len(magic)] == magic for magic, place in _FORMATS.values()):
        raise PictureProblem(f"it is no picture of a known format: write {', '.join(_FORMATS)}")
    if octets.startswith(_FORMATS["PNG"][0]) and not _chunks_fit(octets):
        raise PictureProblem("it is damaged: save it again")
    try:
        pixels = cv2.imdecode(np.frombuffer(octets, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        if "IO_MAX_IMAGE" in str(error):
            raise PictureProblem("it has too many pixels: save it smaller") from error
        raise PictureProblem("it is damaged: save it again") from error
    if pixels is None or not pixels.size:
        raise PictureProblem("it is damaged: save it again")
    return reduced(_grey(pixels))


def reduced(gray: Gray, most_px: int = MOST_SIDE_PX) -> Gray:
    """A picture no longer than `most_px`."""
    factor = most_px / max(gray.shape)
    if factor >= 1:
        return gray
    rows, columns = (max(1, round(each * factor)) for each in gray.shape)
    return np.asarray(cv2.resize(gray, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)


def _chunks_fit(png: bytes) -> bool:
    """Whether no chunk (ISO/IEC 15948, 5.3) claims more bytes than are left: OpenCV would make room for all of them."""
    at, kind = 8, b""
    while at < len(png) and kind != b"IEND":  # what follows the last chunk is no PNG
        kind = png[at + 4 : at + 8]
        at += int.from_bytes(png[at : at + 4], "big") + 12
    return at <= len(png)


def _grey(pixels: object) -> Gray:
    made = np.asarray(pixels)
    if made.dtype == np.uint16:
        unused = max(0, int(made.max()).bit_length() - 8)  # a camera of 10 or 12 bits fills no 16
        made = (made >> unused).astype(np.uint8)
    elif made.dtype != np.uint8:
        made = np.asarray(cv2.normalize(made, np.empty(0), 0, 255, cv2.NORM_MINMAX, cv2.CV_8U))
    channels = 1 if made.ndim == 2 else made.shape[2]
    if channels in {2, 4}:
        share = made[..., -1:].astype(np.float32) / 255
        made = (made[..., :-1] * share + 255 * (1 - share)).round().astype(np.uint8)
    if made.ndim == 3 and made.shape[2] == 3:
        made = np.asarray(cv2.cvtColor(made, cv2.COLOR_BGR2GRAY))
    return np.ascontiguousarray(made.reshape(made.shape[:2]), np.uint8)
