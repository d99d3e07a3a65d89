"""GTINs: a product's number, always in 14 digits inside (GS1 General Specifications, section 7.9)."""

from gateway.codecs.gs1 import check_digit_holds


def gtin_14(text: str) -> str:
    """A GTIN-8, -12, -13 or -14 padded to 14 digits.

    Raises:
        ValueError: `text` is none, or its check digit is wrong.
    """
    if not (text.isascii() and text.isdigit()) or len(text) not in {8, 12, 13, 14}:
        msg = f"{text!r} is not a GTIN of 8, 12, 13 or 14 digits"
        raise ValueError(msg)
    padded = text.zfill(14)
    if not check_digit_holds(padded):
        msg = f"the check digit of {text} is wrong"
        raise ValueError(msg)
    return padded
