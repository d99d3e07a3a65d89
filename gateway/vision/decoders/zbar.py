"""ZBar by pyzbar: slower, but it reads some that zxing-cpp does not."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes import string_at
from types import MappingProxyType
from typing import Any, Final

import cv2
import numpy as np
from pyzbar import wrapper
from pyzbar.wrapper import ZBarConfig, ZBarSymbol

from gateway.vision.code import Code, Gray, Points, Reading

_SYMBOLOGIES: Final[Mapping[int, str]] = MappingProxyType(
    {
        ZBarSymbol.QRCODE: "qr_code",
        ZBarSymbol.EAN13: "ean_13",
        ZBarSymbol.EAN8: "ean_8",
        ZBarSymbol.UPCA: "upc_a",
        ZBarSymbol.UPCE: "upc_e",
        ZBarSymbol.CODE128: "code_128",
        ZBarSymbol.CODE39: "code_39",
    }
)
"""Not ITF: it takes parts of one for the whole."""
_GREY: Final = int.from_bytes(b"Y800", "little")
_BINARY: Final = 4
"""ZBAR_CFG_BINARY of zbar.h, since 0.23.1: a QR code's bytes as they are, not ZBar's guess at their text."""


def read(gray: Gray) -> list[Reading]:
    """The codes in a picture, dark on light."""
    rows, columns = gray.shape
    pixels = gray.tobytes()
    with _scanner() as scanner, _image() as image:
        exact = _ask_for_bytes(scanner)
        wrapper.zbar_image_set_format(image, _GREY)
        wrapper.zbar_image_set_size(image, columns, rows)
        wrapper.zbar_image_set_data(image, pixels, len(pixels), None)
        if wrapper.zbar_scan_image(scanner, image) < 0:
            return []
        return list(_readings(image, exact=exact))


@contextmanager
def _scanner() -> Iterator[Any]:
    scanner = wrapper.zbar_image_scanner_create()
    try:
        yield scanner
    finally:
        wrapper.zbar_image_scanner_destroy(scanner)


@contextmanager
def _image() -> Iterator[Any]:
    image = wrapper.zbar_image_create()
    try:
        yield image
    finally:
        wrapper.zbar_image_destroy(image)


def _ask_for_bytes(scanner: Any) -> bool:
    """Enable what we know, and binary QR codes; False where this ZBar is too old for those."""
    wrapper.zbar_image_scanner_set_config(scanner, 0, ZBarConfig.CFG_ENABLE, 0)
    for symbol in _SYMBOLOGIES:
        wrapper.zbar_image_scanner_set_config(scanner, symbol, ZBarConfig.CFG_ENABLE, 1)
    return bool(wrapper.zbar_image_scanner_set_config(scanner, ZBarSymbol.QRCODE, _BINARY, 1) == 0)


def _readings(image: Any, *, exact: bool) -> Iterator[Reading]:
    symbol = wrapper.zbar_image_first_symbol(image)
    while symbol:
        symbology = _SYMBOLOGIES.get(symbol.contents.type)
        octets = string_at(wrapper.zbar_symbol_get_data(symbol), wrapper.zbar_symbol_get_data_length(symbol))
        corners = _corners(symbol)
        if symbology is not None and octets and corners is not None and (exact or octets.isascii()):
            yield Reading(_code(symbology, octets), corners)
        symbol = wrapper.zbar_symbol_next(symbol)


def _code(symbology: str, octets: bytes) -> Code:
    if symbology == "ean_13" and octets[:1] == b"0":
        symbology, octets = "upc_a", octets[1:]
    try:
        return Code(symbology, octets.decode(), octets)
    except UnicodeDecodeError:
        return Code(symbology, octets.decode("latin-1"), octets)


def _corners(symbol: Any) -> Points | None:
    """A box around the points that ZBar tells; None for none."""
    count = wrapper.zbar_symbol_get_loc_size(symbol)
    points = [
        (wrapper.zbar_symbol_get_loc_x(symbol, each), wrapper.zbar_symbol_get_loc_y(symbol, each))
        for each in range(count)
    ]
    if not points:
        return None
    corners: Points = cv2.boxPoints(cv2.minAreaRect(np.array(points, np.float32))).astype(np.float32)
    return corners
