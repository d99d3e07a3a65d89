"""How large a picture is, without unpacking it: of every file that OpenCV writes, and of what somebody made up."""

from contextlib import suppress

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.codecs.picture_size import MOST_SCANS, NoPicture, picture_size

PNG = b"\x89PNG\r\n\x1a\n"
PROGRESSIVE = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
RESTARTS = [cv2.IMWRITE_JPEG_RST_INTERVAL, 1]


def written(suffix: str, columns: int, rows: int, options: list[int]) -> bytes:
    noise = np.random.default_rng(1).integers(0, 255, (rows, columns, 3), np.uint8)
    return cv2.imencode(suffix, noise, options)[1].tobytes()


@given(some.integers(1, 300), some.integers(1, 300), some.sampled_from([[], PROGRESSIVE, RESTARTS]))
def test_a_jpeg_and_a_png_say_it(columns: int, rows: int, options: list[int]) -> None:
    assert picture_size(written(".jpg", columns, rows, options)) == (columns, rows)
    assert picture_size(written(".png", columns, rows, [])) == (columns, rows)


def test_what_stands_before_the_size_is_stepped_over() -> None:
    jpeg = written(".jpg", 40, 30, [])
    exif = b"\xff\xe1\x00\x0aExif\xff\xc0\xff\xc0"
    assert picture_size(jpeg[:2] + exif + b"\xff\xff\xff\x01" + jpeg[2:]) == (40, 30)


def test_no_size_is_taken_from_behind_what_a_decoder_would_look_into() -> None:
    large, small = (written(".jpg", side, side, [])[2:] for side in (60, 8))
    hidden = b"\xff\xd8\xff\x00" + (len(large) + 2).to_bytes(2) + large + small
    decoded = cv2.imdecode(np.frombuffer(hidden, np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded is not None
    assert decoded.shape[:2] == (60, 60)
    with pytest.raises(NoPicture, match="without a size"):
        picture_size(hidden)


@given(some.binary(), some.sampled_from([b"", PNG, b"\xff\xd8\xff", b"\xff\xd8\xff\xc0"]))
def test_nothing_else_breaks_it(octets: bytes, before: bytes) -> None:
    with suppress(NoPicture):
        columns, rows = picture_size(before + octets)
        assert min(columns, rows) >= 0


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "no JPEG and no PNG"),
        (b"GIF89a", "no JPEG and no PNG"),
        (PNG + b"\x00\x00\x00\x0dIHDR\x00\x00", "no JPEG and no PNG"),
        (b"\xff\xd8\xff\xe0\xff\xff", "without a size"),
        (b"\xff\xd8\xff\xe0\x00\x02\xff\xda\x00\x00", "without a size"),
        (b"\xff\xd8" + b"\xff\xda" * (MOST_SCANS + 1), "scans"),
    ],
)
def test_what_is_none_is_refused(octets: bytes, why: str) -> None:
    with pytest.raises(NoPicture, match=why):
        picture_size(octets)
