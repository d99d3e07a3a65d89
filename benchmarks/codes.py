"""Codes read in photographs, by each decoder alone and by all of them with preparations; CPU per picture.

The photographs are those of the public corpora beside the repository. OpenCV's detector is the peer that is not used.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2

from gateway.vision.code import Gray
from gateway.vision.decoders.registry import DECODERS
from gateway.vision.picture_file import load
from gateway.vision.reader import read_codes

CODES = Path(__file__).parents[2] / "shared" / "corpora" / "codes"
SETS = {"zxing": [f"zxing/qrcode-{number}" for number in (3, 4, 5, 6)], "boofcv": ["boofcv/decoding"]}

Read = Callable[[Gray], list[bytes]]


def photographs(folders: list[str]) -> Iterator[tuple[Gray, list[bytes]]]:
    for folder in folders:
        for path in sorted((CODES / folder).glob("*.png")):
            yield load(path), lines(path.with_suffix(".txt").read_bytes())


def lines(octets: bytes) -> list[bytes]:
    return octets.strip().splitlines()


def opencv(gray: Gray) -> list[bytes]:
    try:
        found, texts, _, _ = cv2.QRCodeDetectorAruco().detectAndDecodeMulti(gray)
    except cv2.error:
        return []
    return [text.encode() for text in texts if text] if found else []


def measured(read: Read, pictures: list[tuple[Gray, list[bytes]]]) -> tuple[int, int, list[float]]:
    right = wrong = 0
    took_ms = []
    for gray, wanted in pictures:
        began_s = time.process_time()
        texts = [lines(octets) for octets in read(gray)]
        took_ms.append((time.process_time() - began_s) * 1000)
        right += wanted in texts
        wrong += any(text != wanted for text in texts)
    return right, wrong, took_ms


def main() -> None:
    cv2.setNumThreads(1)
    if not CODES.is_dir():
        print(f"skipped: no corpora at {CODES}")
        return
    readers: dict[str, Read] = {
        name: lambda gray, decode=decode: [each.code.octets for each in decode(gray)]  # type: ignore[misc]
        for name, decode in DECODERS.items()
    }
    readers["opencv"] = opencv
    readers["read (ours)"] = lambda gray: [each.code.octets for each in read_codes(gray)]
    for name, folders in SETS.items():
        pictures = list(photographs(folders))
        for reader, read in readers.items():
            right, wrong, took_ms = measured(read, pictures)
            cost = f"CPU {statistics.median(took_ms):.1f} ms, at most {max(took_ms):.0f} ms"
            print(f"{name:7} {reader:12} right {right:3} of {len(pictures)}, wrong {wrong}, {cost}")


if __name__ == "__main__":
    main()
