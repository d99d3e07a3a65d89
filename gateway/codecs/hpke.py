"""HPKE in base mode (RFC 9180): bytes that only the holder of an X25519 key can open, and an answer only their sender.

The suite is DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM; each encapsulated key seals one message. The answer
goes back under a key that both sides export (section 9.8), so that it needs no key of the sender's.
"""

import hmac
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
"""Of a public key, an encapsulated one, and a shared secret."""
TAG_BYTES: Final = 16

_KEM: Final = b"KEM\x00\x20"
_SUITE: Final = b"HPKE\x00\x20\x00\x01\x00\x01"
_AES_KEY_BYTES, _NONCE_BYTES = 16, 12
_BASE_MODE: Final = b"\0"


class HpkeError(ValueError):
    """The bytes were not sealed to this key, or not unharmed; nothing more can be said of them."""


@dataclass(frozen=True, slots=True)
class Context:
    """What both sides of one message share."""

    key: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    exporter_secret: bytes = field(repr=False)

    def export(self, use: bytes, octets: int) -> bytes:
        """A secret of so many bytes for one use (section 5.3)."""
        return _expand(_SUITE, self.exporter_secret, b"sec", use, octets)


def seal(
    plaintext: bytes, recipient: bytes, info: bytes, *, ephemeral: X25519PrivateKey, aad: bytes = b""
) -> tuple[bytes, Context]:
    """`plaintext` for the holder of `recipient` (32 bytes), after the encapsulated key; `ephemeral` is used once.

    Raises:
        HpkeError: `recipient` is no key.
    """
    encapsulated = ephemeral.public_key().public_bytes_raw()
    context = _context(_shared(ephemeral, recipient, encapsulated + recipient), info)
    return encapsulated + AESGCM(context.key).encrypt(context.nonce, plaintext, aad), context


def open_sealed(sealed: bytes, key: X25519PrivateKey, info: bytes, *, aad: bytes = b"") -> tuple[bytes, Context]:
    """What `seal` sealed, and what it takes to answer.

    Raises:
        HpkeError: it is too short, was sealed to another key or for another use, or was changed.
    """
    if len(sealed) < KEY_BYTES + TAG_BYTES:
        msg = f"{len(sealed)} bytes are too few for a key and a tag"
        raise HpkeError(msg)
    encapsulated, ciphertext = sealed[:KEY_BYTES], sealed[KEY_BYTES:]
    shared = _shared(key, encapsulated, encapsulated + key.public_key().public_bytes_raw())
    context = _context(shared, info)
    return _opened(context.key, context.nonce, ciphertext, aad), context


def seal_answer(plaintext: bytes, context: Context) -> bytes:
    """The one answer to the message of `context`."""
    return AESGCM(context.export(b"answer key", _AES_KEY_BYTES)).encrypt(_answer_nonce(context), plaintext, None)


def open_answer(sealed: bytes, context: Context) -> bytes:
    """What `seal_answer` sealed.

    Raises:
        HpkeError: it is not the answer to that message.
    """
    return _opened(context.export(b"answer key", _AES_KEY_BYTES), _answer_nonce(context), sealed, b"")


def _answer_nonce(context: Context) -> bytes:
    return context.export(b"answer nonce", _NONCE_BYTES)


def _opened(key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except InvalidTag as error:
        msg = "it was sealed to another key or for another use, or it was changed"
        raise HpkeError(msg) from error


def _shared(own: X25519PrivateKey, other: bytes, both: bytes) -> bytes:
    """The shared secret of the KEM (section 4.1); `both` are the encapsulated and the recipient's key."""
    try:
        agreed = own.exchange(X25519PublicKey.from_public_bytes(other))
    except ValueError as error:
        msg = "a key is none of X25519, or one of its weak ones"
        raise HpkeError(msg) from error
    return _expand(_KEM, _extract(_KEM, b"", b"eae_prk", agreed), b"shared_secret", both, KEY_BYTES)


def _context(shared: bytes, info: bytes) -> Context:
    """The key schedule (section 5.1) without a pre-shared key."""
    about = _BASE_MODE + _extract(_SUITE, b"", b"psk_id_hash", b"") + _extract(_SUITE, b"", b"info_hash", info)
    secret = _extract(_SUITE, shared, b"secret", b"")
    return Context(
        _expand(_SUITE, secret, b"key", about, _AES_KEY_BYTES),
        _expand(_SUITE, secret, b"base_nonce", about, _NONCE_BYTES),
        _expand(_SUITE, secret, b"exp", about, KEY_BYTES),
    )


def _extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    """LabeledExtract (section 4)."""
    return hmac.digest(salt, b"HPKE-v1" + suite + label + ikm, "sha256")


def _expand(suite: bytes, secret: bytes, label: bytes, info: bytes, octets: int) -> bytes:
    """LabeledExpand (section 4) of at most 32 bytes: one block of HKDF-Expand (RFC 5869, section 2.3)."""
    labelled = octets.to_bytes(2) + b"HPKE-v1" + suite + label + info
    return hmac.digest(secret, labelled + b"\x01", "sha256")[:octets]
