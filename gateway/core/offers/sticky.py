"""Sticky chance: the same unit always falls into the same place, and no two salts agree by more than chance."""

import hashlib

from gateway.model.documents import Member

BUCKETS = 10_000
"""Shares are given per this many."""


def bucket(salt: str, unit: str, buckets: int = BUCKETS) -> int:
    """Where `unit` falls among `buckets` places of equal size, 0 to `buckets` - 1.

    The first 8 bytes, big-endian, of SHA-256(salt, 0x1F, unit), multiplied by `buckets` and shifted right by
    64: no modulo bias, and a share that grows keeps everybody it had. The shape is flagd's fractional
    evaluation.
    """
    digest = hashlib.sha256(f"{salt}\x1f{unit}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") * buckets) >> 64


def unit_of(subject: str, member: Member | None) -> str:
    """What is dealt for a subject: the brand-wide number in decimal where there is one, else the subject itself."""
    brand = member.units.get("brand") if member is not None else None
    return subject if brand is None else str(brand)
