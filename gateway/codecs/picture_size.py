"""How large a picture file is, by its first bytes alone: so that one can be refused before anybody unpacks it."""

from collections.abc import Iterator
from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
_NO_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})
"""JPEG's markers that stand alone (ITU-T T.81, table B.1)."""
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""SOF0 to SOF2: baseline, extended, progressive; nothing else is decoded by anybody."""
_STUFFED, _SCAN = 0x00, 0xDA
"""No marker, behind which decoders look for one in what seemed its segment; the first that is not of the head."""
MOST_SCANS: Final = 64
"""A progressive picture has about ten; each costs a pass over all pixels."""


class NoPicture(ValueError):
    """The bytes are no PNG and no JPEG: why."""


def picture_size(octets: bytes) -> tuple[int, int]:
    """Columns and rows of a PNG (ISO/IEC 15948, 11.2.2) or JPEG (ITU-T T.81, B.2.2) file.

    Raises:
        NoPicture: it is neither, cut off before it says so, or a JPEG of more than 64 scans.
    """
    if octets.startswith(_PNG) and octets[12:16] == b"IHDR" and len(octets) >= 24:
        return int.from_bytes(octets[16:20]), int.from_bytes(octets[20:24])
    if not octets.startswith(_JPEG):
        raise NoPicture("it is no JPEG and no PNG")
    if octets.count(bytes((0xFF, _SCAN))) > MOST_SCANS:
        raise NoPicture(f"it has more than {MOST_SCANS} scans")
    for marker, at in _segments(octets):
        if marker in _FRAMES and at + 9 <= len(octets):
            return int.from_bytes(octets[at + 7 : at + 9]), int.from_bytes(octets[at + 5 : at + 7])
    raise NoPicture("it is a JPEG without a size")


def _segments(octets: bytes) -> Iterator[tuple[int, int]]:
    """The markers before the first scan, and where each lies."""
    at = len(_JPEG)
    while at + 4 <= len(octets) and octets[at] == 0xFF:
        marker = octets[at + 1]
        if marker in {_STUFFED, _SCAN}:
            return
        if marker == 0xFF:
            at += 1
            continue
        yield marker, at
        at += 2 if marker in _NO_LENGTH else 2 + int.from_bytes(octets[at + 2 : at + 4])
