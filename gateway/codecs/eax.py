"""AES-EAX: a text sealed together with a header that stays readable.

Source: Bellare, Rogaway and Wagner, "The EAX Mode of Operation" (FSE 2004), figure 1; section 2 for shorter tags.
"""

from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.constant_time import bytes_eq

TAG_BYTES: Final = 16

_NONCE, _HEADER, _MESSAGE = (bytes(15) + bytes((number,)) for number in range(3))


def seal(key: bytes, nonce: bytes, text: bytes, header: bytes = b"", tag_bytes: int = TAG_BYTES) -> tuple[bytes, bytes]:
    """The ciphertext, as long as `text`, and its tag cut to `tag_bytes`; a nonce is used once with a key.

    Raises:
        ValueError: the key has not 16 bytes.
    """
    stream = _omac(key, _NONCE + nonce)
    ciphertext = _applied(key, stream, text)
    return ciphertext, _tag(key, stream, header, ciphertext)[:tag_bytes]


def open_sealed(key: bytes, nonce: bytes, ciphertext: bytes, tag: bytes, header: bytes = b"") -> bytes | None:
    """The text that `seal` sealed; None where ciphertext, tag, header, nonce and key do not belong together.

    A tag of n bytes lets one in 256ⁿ forgeries through.

    Raises:
        ValueError: the key has not 16 bytes.
    """
    stream = _omac(key, _NONCE + nonce)
    if not bytes_eq(_tag(key, stream, header, ciphertext)[: len(tag)], tag):
        return None
    return _applied(key, stream, ciphertext)


def _applied(key: bytes, stream: bytes, text: bytes) -> bytes:
    return Cipher(AES128(key), CTR(stream)).encryptor().update(text)


def _tag(key: bytes, stream: bytes, header: bytes, ciphertext: bytes) -> bytes:
    digests = zip(stream, _omac(key, _HEADER + header), _omac(key, _MESSAGE + ciphertext), strict=True)
    return bytes(one ^ other ^ third for one, other, third in digests)


def _omac(key: bytes, text: bytes) -> bytes:
    mac = CMAC(AES128(key))
    mac.update(text)
    return mac.finalize()
