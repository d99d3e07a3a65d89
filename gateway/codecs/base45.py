"""Base45 (RFC 9285): bytes in the characters that a QR code's alphanumeric mode holds, three for every two bytes."""

from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_WEIGHTS: Final = (1, 45, 45 * 45)
_VALUES: Final = {character: value for value, character in enumerate(_ALPHABET)}


class Base45Error(ValueError):
    """The text is not Base45; `cut_short` where its last group cannot be one, as when the end is missing."""

    def __init__(self, says: str, *, cut_short: bool = False) -> None:
        super().__init__(says)
        self.cut_short = cut_short


def encode_base45(octets: bytes) -> str:
    """The text of `octets`."""
    return "".join(_group(octets[start : start + 2]) for start in range(0, len(octets), 2))


def decode_base45(text: str) -> bytes:
    """The bytes of `text`.

    Raises:
        Base45Error: a character is none of the 45, a group stands for no bytes, or one character is left over.
    """
    return b"".join(_octets(text, start) for start in range(0, len(text), 3))


def _group(octets: bytes) -> str:
    """Two bytes as three characters, the lowest first, or the last byte as two."""
    value = int.from_bytes(octets)
    return "".join(_ALPHABET[value // weight % 45] for weight in _WEIGHTS[: len(octets) + 1])


def _octets(text: str, start: int) -> bytes:
    group = text[start : start + 3]
    try:
        value = sum(_VALUES[character] * weight for character, weight in zip(group, _WEIGHTS, strict=False))
    except KeyError as error:
        msg = f"character {start + 1} or one of the two after it is none of Base45"
        raise Base45Error(msg) from error
    size = len(group) - 1
    if size == 0 or value >= 1 << 8 * size:
        msg = f"the group at character {start + 1} stands for no bytes"
        raise Base45Error(msg, cut_short=size < 2)
    return value.to_bytes(size)
