"""zxing-cpp: the fastest of the decoders and the one that reads most, so it is always the first to be asked."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
import zxingcpp
from zxingcpp import Barcode
from zxingcpp import BarcodeFormat as Format

from gateway.vision.code import Code, Gray, Points, Reading

_SYMBOLOGIES: Final[Mapping[Format, str]] = MappingProxyType(
    {
        Format.QRCode: "qr_code",
        Format.QRCodeModel2: "qr_code",
        Format.MicroQRCode: "micro_qr_code",
        Format.DataMatrix: "data_matrix",
        Format.EAN13: "ean_13",
        Format.EAN8: "ean_8",
        Format.UPCA: "upc_a",
        Format.UPCE: "upc_e",
        Format.Code128: "code_128",
        Format.Code39: "code_39",
        Format.ITF: "itf",
        Format.ITF14: "itf",
        Format.PDF417: "pdf_417",
        Format.Aztec: "aztec",
        Format.AztecCode: "aztec",
    }
)
RETAIL: Final = (Format.EAN13, Format.EAN8, Format.UPCA, Format.UPCE, Format.Code128)
QR: Final = (Format.QRCodeModel2,)
MATRIX: Final = (Format.DataMatrix,)
FEWEST_ITF_DIGITS: Final = 6
"""Parts of other bar codes pass for a shorter ITF, which has neither check digit nor length of its own."""
EVERY: Final = (
    *QR, *RETAIL, *MATRIX, Format.MicroQRCode, Format.Code39, Format.ITF, Format.PDF417, Format.AztecCode,
)  # fmt: skip


def read(gray: Gray) -> list[Reading]:
    """Every code in a picture, however it is turned, light on dark too."""
    return readings(gray, EVERY)


def readings(
    gray: Gray, formats: Sequence[Format], *, rotate: bool = True, downscale: bool = True, invert: bool = True
) -> list[Reading]:
    """The codes of some formats; each of the three costs about as much again."""
    found = _asked(gray, formats, errors=False, rotate=rotate, downscale=downscale, invert=invert)
    return list(_read(found))


def look(
    gray: Gray, formats: Sequence[Format], *, rotate: bool, downscale: bool = True, invert: bool
) -> tuple[list[Reading], list[Points]]:
    """The codes, and the corners of each QR code that is there but could not be decoded."""
    found = _asked(gray, formats, errors=True, rotate=rotate, downscale=downscale, invert=invert)
    return list(_read(found)), [_corners(each) for each in found if not each.valid and each.format in _QR_CODES]


def unread(gray: Gray) -> list[Points]:
    """The corners of each QR code that is there but could not be decoded."""
    return look(gray, QR, rotate=True, invert=True)[1]


_QR_CODES: Final = (Format.QRCode, Format.QRCodeModel2)


def _asked(
    gray: Gray, formats: Sequence[Format], *, errors: bool, rotate: bool, downscale: bool, invert: bool
) -> list[Barcode]:
    return zxingcpp.read_barcodes(
        gray,
        formats=zxingcpp.BarcodeFormats(formats),
        return_errors=errors,
        try_rotate=rotate,
        try_downscale=downscale,
        try_invert=invert,
        text_mode=zxingcpp.TextMode.Plain,
    )


def _read(found: Iterable[Barcode]) -> Iterable[Reading]:
    for each in found:
        symbology = _SYMBOLOGIES.get(each.format)
        if symbology == "itf" and len(each.bytes) < FEWEST_ITF_DIGITS:
            continue
        if each.valid and symbology is not None and each.bytes:
            yield Reading(_code(symbology, each), _corners(each))


def _code(symbology: str, found: Barcode) -> Code:
    digits = found.text
    if symbology in {"ean_13", "upc_a"} and len(digits) == 13 and digits[0] == "0":
        return Code("upc_a", digits[1:], digits[1:].encode())
    if symbology == "upc_e" and len(digits) == 13:
        short = zero_suppressed(digits[1:])
        return Code(symbology, short, short.encode())
    is_gs1 = found.content_type == zxingcpp.ContentType.GS1
    return Code(symbology, found.text, bytes(found.bytes), found.symbology_identifier if is_gs1 else "")


def zero_suppressed(upc_a: str) -> str:
    """The eight digits of the UPC-E that stands for twelve (GS1 General Specifications 7.11)."""
    system, company, item, check = upc_a[0], upc_a[1:6], upc_a[6:11], upc_a[11]
    if company[2:] in {"000", "100", "200"}:
        body = company[:2] + item[2:] + company[2]
    elif company[3:] == "00":
        body = company[:3] + item[3:] + "3"
    elif company[4] == "0":
        body = company[:4] + item[4] + "4"
    else:
        body = company + item[4]
    return system + body + check


def _corners(found: Barcode) -> Points:
    place = found.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    return np.array([(each.x, each.y) for each in corners], np.float32)
