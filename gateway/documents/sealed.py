"""Indexed files that only this device can read: names as keyed hashes, values sealed under a key of the file's own.

The file's key is random and lies in it wrapped under the device's key for documents (AES-256-GCM, NIST SP 800-38D).
"""

import hmac
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.codecs.indexed import Indexed
from gateway.documents.mapped import MapDamaged, MapFile, MapWriter

KEY_BYTES: Final = 32
WRAPPED_BYTES: Final = 12 + KEY_BYTES + 16
"""A wrapped key: nonce, the key itself, tag."""

_NAME_BYTES: Final = 16
_END_OF_NAME: Final = b"\n"


def fresh_key(device_key: bytes, use: bytes) -> tuple[bytes, bytes]:
    """A new key of 32 bytes for one `use`, and the same wrapped under `device_key`."""
    key, nonce = os.urandom(KEY_BYTES), os.urandom(12)
    return key, nonce + AESGCM(device_key).encrypt(nonce, key, use)


def unwrapped(device_key: bytes, wrapped: bytes, use: bytes) -> bytes | None:
    """The key that `fresh_key` wrapped; None where it was overwritten, or wrapped by another device."""
    try:
        return AESGCM(device_key).decrypt(wrapped[:12], wrapped[12:], use)
    except (InvalidTag, ValueError):
        return None


def nonce_of(number: int) -> bytes:
    """The nonce of the one thing that has this number under its key."""
    return number.to_bytes(12, "big")


class _Seal:
    """What a file's key does: names to hashes, and values to and from what is stored at a place."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)

    def hashed(self, name: str) -> bytes:
        return hmac.digest(self._key, name.encode(), "sha256")[:_NAME_BYTES]

    def closed(self, place: int, name: str, value: bytes) -> bytes:
        return self._cipher.encrypt(nonce_of(place), name.encode() + _END_OF_NAME + value, None)

    def opened(self, place: int, sealed: bytes) -> tuple[str, bytes]:
        name, _, value = self._cipher.decrypt(nonce_of(place), sealed, None).partition(_END_OF_NAME)
        return name.decode(), value


class SealedWriter:
    """Adds sealed records to a file that is being made; names hold no line feed."""

    def __init__(self, made: MapWriter, device_key: bytes) -> None:
        self._made = made
        key, self._wrapped = fresh_key(device_key, b"map")
        self._seal = _Seal(key)

    def add(self, name: str, value: bytes) -> int:
        """Add a record, and give the number by which `SealedMap.at` finds it."""
        place = self._made.at
        self._made.add(self._seal.hashed(name), self._seal.closed(place, name, value))
        return place

    @property
    def about(self) -> dict[str, str]:
        """What the file has to say of itself for `SealedMap` to open it."""
        return {"sealed": self._wrapped.hex()}


class SealedMap:
    """A sealed file, mapped: as `MapFile`, by names."""

    def __init__(self, file: MapFile, device_key: bytes) -> None:
        """Raises `MapDamaged` where the file is not sealed, or by another device."""
        key = unwrapped(device_key, bytes.fromhex(str(file.about.get("sealed", ""))), b"map")
        if key is None:
            raise MapDamaged(file.path, "it was not sealed by this device")
        self.path: Path = file.path
        self.about = file.about
        self._indexed: Indexed = file.indexed
        self._seal = _Seal(key)

    def __len__(self) -> int:
        return len(self._indexed)

    def __iter__(self) -> Iterator[str]:
        return (self.at(place)[0] for place in self._indexed.places())

    def numbered(self) -> Iterator[tuple[int, str, bytes]]:
        """Number, name and value of every record."""
        return ((place, *self.at(place)) for place in self._indexed.places())

    def get(self, name: str) -> bytes | None:
        """The value of `name`; `GONE` where a change took it away, None where nothing is said of it."""
        place = self.number_of(name)
        return None if place is None else self.at(place)[1]

    def number_of(self, name: str) -> int | None:
        """The number of the record of `name`, for `at`."""
        return self._indexed.place_of(self._seal.hashed(name))

    def at(self, number: int) -> tuple[str, bytes]:
        """Name and value of the record with this number."""
        return self._seal.opened(number, self._indexed.record_at(number)[1])
