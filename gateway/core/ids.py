"""Ids as a keyed function of (incarnation, ordinal, time): unguessable live, the same bytes in every replay."""

from base64 import b32encode
from hashlib import blake2b
from uuid import UUID


def event_id(key: bytes, incarnation: str, ordinal: int, utc_s: float) -> str:
    """A UUIDv7 (RFC 9562 section 5.7): milliseconds of `utc_s`, then 74 bits of the keyed function."""
    noise = _keyed(key, b"event", incarnation, ordinal)
    unix_ms = max(0, round(utc_s * 1000)) & (1 << 48) - 1
    bits = unix_ms << 80 | 0x7 << 76 | (noise >> 62 & 0xFFF) << 64 | 0b10 << 62 | noise & (1 << 62) - 1
    return str(UUID(int=bits))


def visit_id(key: bytes, incarnation: str, ordinal: int) -> str:
    """`v.` and 16 characters of base 32: 80 bits of the keyed function."""
    noise = _keyed(key, b"visits", incarnation, ordinal) & (1 << 80) - 1
    return "v." + b32encode(noise.to_bytes(10)).decode().lower()


def consent_id(key: bytes, handle: str) -> str:
    """`c.` and 16 characters of base 32: 80 bits of the keyed function of a member's handle."""
    digest = blake2b(handle.encode(), digest_size=10, key=key, person=b"consent").digest()
    return "c." + b32encode(digest).decode().lower()


def desk_id(key: bytes, letter: str, incarnation: str, ordinal: int) -> str:
    """`letter`, a dot and 16 characters of base 32: 80 bits of the keyed function."""
    noise = _keyed(key, b"desk." + letter.encode(), incarnation, ordinal) & (1 << 80) - 1
    return f"{letter}." + b32encode(noise.to_bytes(10)).decode().lower()


def redemption_id(key: bytes, till: str, till_key: str) -> str:
    """`r.` and 16 characters of base 32: 80 bits of the keyed function of a till and its own key for the redemption."""
    return "r." + _of_till(key, b"redemption", till, till_key)


def ticket_id(key: bytes, till: str, number: str) -> str:
    """`k.` and 16 characters of base 32: 80 bits of the keyed function of a till and its own number for the ticket."""
    return "k." + _of_till(key, b"ticket", till, number)


def _of_till(key: bytes, purpose: bytes, till: str, word: str) -> str:
    name = till.encode()
    said = len(name).to_bytes(4) + name + word.encode()
    return b32encode(blake2b(said, digest_size=10, key=key, person=purpose).digest()).decode().lower()


def _keyed(key: bytes, purpose: bytes, incarnation: str, ordinal: int) -> int:
    """128 bits; `key` is at most 64 bytes (keyed BLAKE2b, RFC 7693)."""
    digest = blake2b(incarnation.encode() + ordinal.to_bytes(8), digest_size=16, key=key, person=purpose)
    return int.from_bytes(digest.digest())
