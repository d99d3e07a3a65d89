"""Eddystone-URL: a web address squeezed into at most 18 bytes.

Source: google/eddystone, eddystone-url/README.md: a byte for the scheme, then up to 17 bytes that are graphic ASCII
characters or codes for frequent endings; all other bytes are reserved.
"""

import re
from dataclasses import dataclass
from typing import Final

from gateway.codecs.adverts import eddystone
from gateway.codecs.adverts.ad_structures import SERVICE_DATA_16
from gateway.codecs.adverts.format import Format
from gateway.codecs.adverts.octets import signed_byte

SIGNATURE: Final = eddystone.UUID + b"\x10"
MAX_ENCODED_BYTES: Final = 17

_SCHEMES: Final = ("http://www.", "https://www.", "http://", "https://")
_DOMAINS: Final = (".com", ".org", ".edu", ".net", ".info", ".biz", ".gov")
_ENDINGS: Final = tuple(f"{domain}/" for domain in _DOMAINS) + _DOMAINS
_TEXT: Final = dict(enumerate(_ENDINGS)) | {code: chr(code) for code in range(0x21, 0x7F)}
_CODES: Final = {text: code for code, text in _TEXT.items()}
_PIECES: Final = re.compile("|".join((*map(re.escape, _ENDINGS), "[!-~]")))
_ORIGIN: Final = re.compile(r"[a-z]+://[^/?#]*", re.IGNORECASE)

_POWER_AT: Final = len(SIGNATURE)


@dataclass(frozen=True, slots=True)
class EddystoneUrl:
    """A URL in full, as expanded; the power is that at 0 m (41 dB above that at one metre)."""

    ranging_power_dbm: int
    url: str


def decode(value: bytes) -> EddystoneUrl | None:
    """The frame in service data that begins with the signature; None if its length or a code is not allowed."""
    encoded = value[_POWER_AT + 1 :]
    if len(encoded) > 1 + MAX_ENCODED_BYTES or (url := expand(encoded)) is None:
        return None
    power = value[_POWER_AT]
    return EddystoneUrl(power - 256 if power > 127 else power, url)


def encode(frame: EddystoneUrl) -> bytes:
    """The whole payload: flags, list of services, the frame.

    Raises:
        ValueError: the power is out of range, or the URL cannot be encoded in 17 bytes after its scheme.
    """
    power, encoded = signed_byte("ranging_power_dbm", frame.ranging_power_dbm), compress(frame.url)
    if len(encoded) > 1 + MAX_ENCODED_BYTES:
        size = len(encoded) - 1
        msg = f"{frame.url!r} takes {size} bytes when encoded and {MAX_ENCODED_BYTES} fit: use a shorter address"
        raise ValueError(msg)
    return eddystone.payload_of(b"\x10" + power + encoded)


def expand(encoded: bytes) -> str | None:
    """The URL of a scheme byte and its encoded rest; None if there is no such scheme or code."""
    if not encoded or encoded[0] >= len(_SCHEMES):
        return None
    try:
        return _SCHEMES[encoded[0]] + "".join([_TEXT[code] for code in encoded[1:]])
    except KeyError:
        return None


def compress(url: str) -> bytes:
    """The scheme byte and the encoded rest of `url`, as short as can be; scheme and host are put in lower case first.

    Raises:
        ValueError: it is not http or https, or holds a character that is no graphic ASCII.
    """
    plain = _ORIGIN.sub(lambda origin: origin[0].lower(), url, count=1)
    code, scheme = next(((c, s) for c, s in enumerate(_SCHEMES) if plain.startswith(s)), (None, ""))
    if code is None:
        msg = f"{url!r} is no web address: begin with http:// or https://"
        raise ValueError(msg)
    rest = plain[len(scheme) :]
    pieces = _PIECES.findall(rest)
    if "".join(pieces) != rest:
        msg = f"{url!r} holds a character that is no graphic ASCII: percent-encode it"
        raise ValueError(msg)
    return bytes((code, *(_CODES[piece] for piece in pieces)))


FORMAT: Final = Format("eddystone_url", EddystoneUrl, SERVICE_DATA_16, SIGNATURE, decode, encode)
