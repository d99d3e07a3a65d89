"""The character sets of GS1's element strings (GS1 General Specifications 7.11, 7.12; RFC 4648 section 5)."""

import re
import string
from typing import Final

CSET_82: Final = "!\"%&'()*+,-./0123456789:;<=>?" + string.ascii_uppercase + "_" + string.ascii_lowercase
CSET_39: Final = "#-/" + string.digits + string.ascii_uppercase
CSET_64: Final = string.ascii_letters + string.digits + "-_="

OF_TYPE: Final = {"N": string.digits, "X": CSET_82, "Y": CSET_39, "Z": CSET_64}
"""The characters of a component by the letter of its type."""
NAME_OF_TYPE: Final = {
    "N": "a digit",
    "X": "in GS1's character set 82",
    "Y": "in GS1's character set 39",
    "Z": "in base64url",
}

_DECIMAL: Final = re.compile(r"[0-9]+")


def is_decimal(text: str) -> bool:
    """Whether `text` is one or more of the digits 0 to 9, and nothing else."""
    return _DECIMAL.fullmatch(text) is not None
