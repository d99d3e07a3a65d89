"""Sticky chance: the same unit always falls into the same place, and no two salts agree by more than chance."""

import hashlib

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
