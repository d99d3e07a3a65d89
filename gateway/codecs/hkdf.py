"""Keys made of a secret: HKDF with SHA-256 (RFC 5869), extracted and expanded at once."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def hkdf(secret: bytes, info: bytes, octets: int, salt: bytes | None = None) -> bytes:
    """A key of so many bytes for the use that `info` names; without a salt, that of 32 zero bytes."""
    return HKDF(algorithm=SHA256(), length=octets, salt=salt, info=info).derive(secret)
