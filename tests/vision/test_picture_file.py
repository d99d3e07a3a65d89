"""Whatever bytes a picture's file holds, it is a grey picture or a problem."""

import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from gateway.vision.picture_file import PictureProblem, load, unpack
from gateway.vision.reader import read_codes

CHANCE = np.random.default_rng(4)


def saved(suffix: str, pixels: object) -> bytes:
    return cv2.imencode(suffix, np.asarray(pixels))[1].tobytes()


COLOUR = CHANCE.integers(0, 255, (40, 60, 3), np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp", ".gif"])
def test_damaged_files(suffix: str) -> None:
    whole = bytearray(saved(suffix, COLOUR))
    assert unpack(bytes(whole)).shape == (40, 60)
    for _ in range(150):
        damaged = bytearray(whole[: CHANCE.integers(1, len(whole) + 1)])
        for place in CHANCE.integers(0, len(damaged), 4):
            damaged[place] = CHANCE.integers(0, 256)
        try:
            gray = unpack(bytes(damaged))
        except PictureProblem:
            continue
        assert gray.ndim == 2
        assert gray.dtype == np.uint8


def test_a_chunk_that_claims_more_than_the_file_holds_costs_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    whole = saved(".png", COLOUR)
    at = whole.index(b"IDAT")
    too_long = b"\x7f\xff\xff\xff" + whole[at:]
    like_the_end = b"\0\0\0\4teXtIEND" + zlib.crc32(b"teXtIEND").to_bytes(4)
    for before in (b"", like_the_end):
        with pytest.raises(PictureProblem, match="it is damaged"):
            unpack(whole[: at - 4] + before + too_long)
    assert capfd.readouterr() == ("", ""), "OpenCV was asked, and complained"
    assert unpack(whole[: at - 4] + like_the_end + whole[at - 4 :]).shape == (40, 60)
    assert unpack(whole + b"left over").shape == (40, 60)


def test_deep_and_transparent_pictures() -> None:
    deep = unpack(saved(".png", np.full((4, 4), 0x8000, np.uint16)))
    assert (deep == 0x80).all()
    assert unpack(saved(".png", np.full((4, 4), 0x0FF0, np.uint16))).max() == 0xFF
    assert unpack(saved(".png", np.full((4, 4), 0x80, np.uint16))).max() == 0x80
    clear = np.zeros((4, 4, 4), np.uint8)
    assert (unpack(saved(".png", clear)) == 255).all()


def test_a_long_picture_is_reduced() -> None:
    assert unpack(saved(".png", np.zeros((10, 9000), np.uint8))).shape == (5, 4096)
    assert unpack(saved(".png", np.zeros((9000, 1), np.uint8))).shape == (4096, 1)


@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (1, 3000), (3000, 1), (9, 1000), (12, 4096)])
def test_the_thinnest_pictures_hold_no_code(shape: tuple[int, int]) -> None:
    assert read_codes(np.full(shape, 128, np.uint8)) == []


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(PictureProblem, match="check its rights"):
        load(tmp_path)
    with pytest.raises(PictureProblem, match="known format"):
        unpack(b"")
