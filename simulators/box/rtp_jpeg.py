"""JPEG pictures as RTP packets (RFC 2435 in RFC 3550), as cameras without a video encoder send them."""

import struct
from collections.abc import Iterator
from typing import Final

MOST_PAYLOAD: Final = 1400
_PAYLOAD_TYPE: Final = 26
_TYPE_420: Final = 1
_Q_TABLES_FOLLOW: Final = 255
_DQT, _SOF0, _SOS, _EOI = 0xDB, 0xC0, 0xDA, b"\xff\xd9"


def packets(jpeg: bytes, sequence: int, timestamp: int, source: int = 1) -> list[bytes]:
    """The RTP packets of a baseline JPEG in colour, 4:2:0, whose sides are multiples of 8 up to 2,040.

    `sequence` is the number of the first one, `timestamp` the picture's (90 kHz), `source` the SSRC.

    Raises:
        ValueError: it is another kind of JPEG.
    """
    tables, columns, rows, scan = _parts(jpeg)
    pieces = []
    for offset in range(0, len(scan), MOST_PAYLOAD):
        place = offset.to_bytes(3)
        head = struct.pack(">B3sBBBB", 0, place, _TYPE_420, _Q_TABLES_FOLLOW, columns // 8, rows // 8)
        if offset == 0:
            head += struct.pack(">BBH", 0, 0, len(tables)) + tables
        pieces.append(head + scan[offset : offset + MOST_PAYLOAD])
    return [
        struct.pack(
            ">BBHII",
            0x80,
            _PAYLOAD_TYPE | (0x80 if number == len(pieces) - 1 else 0),
            (sequence + number) & 0xFFFF,
            timestamp & 0xFFFFFFFF,
            source,
        )
        + piece
        for number, piece in enumerate(pieces)
    ]


def _parts(jpeg: bytes) -> tuple[bytes, int, int, bytes]:
    """Quantisation tables, columns, rows, and the scan's data."""
    tables, columns, rows = b"", 0, 0
    for marker, at, length in _segments(jpeg):
        content = jpeg[at + 4 : at + 2 + length]
        if marker == _DQT:
            tables += b"".join(content[each + 1 : each + 65] for each in range(0, len(content), 65))
        elif marker == _SOF0:
            rows, columns, sampling = *struct.unpack(">HH", content[1:5]), content[7]
            if content[5] != 3 or sampling != 0x22:
                raise ValueError("it is not 4:2:0 in colour")
        elif marker == _SOS:
            if not columns or len(tables) != 128 or columns % 8 or rows % 8 or max(columns, rows) > 2040:
                raise ValueError("it has sides or tables that RFC 2435 cannot say")
            return tables, columns, rows, jpeg[at + 2 + length :].removesuffix(_EOI)
    raise ValueError("it is no baseline JPEG")


def _segments(jpeg: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, place and length of each segment behind the first marker."""
    at = 2
    while at + 4 <= len(jpeg):
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        yield marker, at, length
        at += 2 + length
