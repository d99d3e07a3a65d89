import cv2
import pytest

from gateway.vision.picture_file import load
from gateway.vision.reader import read_codes
from tests.corpora import CORPORA

CODES = CORPORA / "codes"
SETS = ("zxing/qrcode-3", "zxing/qrcode-4", "zxing/qrcode-5", "zxing/qrcode-6", "boofcv/decoding")


def lines(octets: bytes) -> list[bytes]:
    """A text without the ends of its lines, which the sets' own texts do not keep."""
    return octets.strip().splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("folder", SETS)
def test_photographs(folder: str) -> None:
    cv2.setNumThreads(1)
    for path in sorted((CODES / folder).glob("*.png")):
        wanted, gray = lines(path.with_suffix(".txt").read_bytes()), load(path)
        read = [lines(each.code.octets) for each in read_codes(gray)]
        assert read == [wanted], path.name


def test_several_codes_of_one_picture() -> None:
    found = read_codes(load(CODES / "zxing/multi-qrcode-1/1.png"))
    assert sorted(each.code.text.split("!")[0] for each in found) == [
        "You earned the class 5 EXTRA MINUTES OF RECESS",
        "You earned the class a 5 MINUTE DANCE PARTY",
        "You get to CREATE OUR JOURNAL PROMPT FOR THE DAY",
        "You get to SIT AT MRS. SIGMON'S DESK FOR A DAY",
    ]


def test_every_byte_of_a_text_of_lines() -> None:
    (reading,) = read_codes(load(CODES / "boofcv/decoding/v2VCard-Title.png"))
    assert reading.code.octets.endswith(b"TITLE:President\r\nEND:VCARD\r\n")
