"""Bar codes that lie across the directions in which decoders look."""

import cv2
import numpy as np
import pytest
import zxingcpp

from gateway.vision.agreement import covers
from gateway.vision.code import Gray, Points
from gateway.vision.decoders import zxing
from gateway.vision.reader import read_codes
from gateway.vision.stripes import MOST, upright

FORMATS = zxingcpp.BarcodeFormat
TEXT = "00123456789012345678"
PATIENCE_S = 60.0


def lying(degrees: float, contrast: float = 1.0) -> tuple[Gray, Points]:
    """A long, low bar code turned by `degrees` on a grey wall, and its corners."""
    bars = np.array(zxingcpp.create_barcode(TEXT, FORMATS.Code128).to_image(scale=3))[:90]
    bars = np.pad(bars, 24, constant_values=255)
    rows, columns = bars.shape
    there = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1)
    there[:, 2] += (480 - columns / 2, 360 - rows / 2)
    turned = cv2.warpAffine(bars, there, (960, 720), flags=cv2.INTER_LINEAR, borderValue=(170,))
    corners = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)]) @ there[:, :2].T + there[:, 2]
    faint = 128 + (turned.astype(np.float32) - 128) * contrast
    return faint.round().astype(np.uint8), corners.astype(np.float32)


@pytest.mark.parametrize("degrees", [0, 22, 65, 90, 158])
def test_the_most_striking_stripes_are_stood_upright_where_they_are(degrees: float) -> None:
    gray, corners = lying(degrees, 0.5)
    place = next(upright(gray))
    (reading,) = zxing.readings(place.gray, [FORMATS.Code128], rotate=False)
    assert reading.code.text == TEXT
    assert covers(reading.moved(place.back).corners, corners)


def test_a_bar_code_across_every_scan_line_is_read() -> None:
    gray, _ = lying(22, 0.3)
    assert [each.code.text for each in read_codes(gray, PATIENCE_S)] == [TEXT]


def test_few_places_are_looked_at_and_none_where_nothing_is() -> None:
    chance = np.random.default_rng(7)
    stripes = np.kron(chance.integers(0, 2, (12, 160)), np.ones((60, 6))).astype(np.uint8) * 255
    assert len(list(upright(stripes))) <= MOST
    assert list(upright(np.full((480, 640), 128, np.uint8))) == []


def test_an_itf_of_four_digits_is_taken_for_a_part_of_something_else() -> None:
    for text, found in (("123456", ["123456"]), ("1234", [])):
        bars = np.array(zxingcpp.create_barcode(text, FORMATS.ITF).to_image(scale=4))
        assert [each.code.text for each in read_codes(np.pad(bars, 40, constant_values=255), PATIENCE_S)] == found
