"""Sealing: bodies encrypted under a key of their day, people looked up by a keyed hash.

A day's key is random and stored wrapped with the device secret: without the secret nothing opens, and once the row of a
day's key is gone nothing of that day opens, wherever its rows were copied.
"""

import hmac
import os
from json import dumps
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.storage.refusals import Corrupted
from gateway.storage.secret import derive

NONCE_BYTES: Final = 12
HASH_BYTES: Final = 16
DAY_S: Final = 86_400


class DayKeyGone(Exception):
    """The key of `day` was deleted: what was sealed that day is unreadable for good."""

    def __init__(self, day: int) -> None:
        super().__init__(f"the key of day {day} (since 1970) is gone, and with it what was sealed that day")
        self.day = day


class Sealer:
    """Seals and opens bodies; keeps the day keys it was shown (`learn`) or made (`fresh` until `kept`).

    AES-256-GCM with a random 96-bit nonce in front (NIST SP 800-38D 8.2.2: good for 2^32 bodies a key, a day's worth
    at 49,000 a second). `place` says which row a body belongs to and is bound to it: swapped rows do not open.
    """

    def __init__(self, secret: bytes) -> None:
        self.proof: Final = derive(secret, "proof")[:HASH_BYTES]
        """Stored with the database to tell a wrong secret from damage; says nothing about the secret."""
        self._hash_key = derive(secret, "lookup")
        self._wrapping = AESGCM(derive(secret, "day keys"))
        self._wrapped: dict[int, bytes] = {}
        self._fresh: dict[int, bytes] = {}
        self._ciphers: dict[int, AESGCM] = {}

    def lookup(self, *parts: str) -> bytes:
        """What stands for `parts` in an index: the same parts give the same 16 bytes, and nobody else can make them."""
        return hmac.digest(self._hash_key, dumps(parts).encode(), "sha256")[:HASH_BYTES]

    def seal(self, day: int, place: bytes, body: bytes) -> bytes:
        """Nonce and ciphertext of `body` under the key of `day` (days since 1970), which is made if there is none."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher(day, make=True).encrypt(nonce, body, place)

    def open(self, day: int, place: bytes, sealed: bytes) -> bytes:
        """The body that was sealed on `day` for `place`.

        Raises:
            DayKeyGone: the day's key is not known (any more).
            Corrupted: the bytes were changed, or belong to another place.
        """
        cipher = self._cipher(day, make=False)
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
        except (InvalidTag, ValueError) as error:
            msg = "a sealed row does not open: it was changed or moved"
            raise Corrupted(msg) from error

    def learn(self, wrapped: dict[int, bytes]) -> None:
        """Know exactly these stored keys, by day, beside those made and not yet stored."""
        self._wrapped = dict(wrapped)
        self._ciphers.clear()

    def forget(self, day: int) -> None:
        """The stored key of `day` is deleted."""
        self._wrapped.pop(day, None)
        self._ciphers.pop(day, None)

    def knows(self, day: int) -> bool:
        """Whether what was sealed on `day` can be opened."""
        return day in self._wrapped or day in self._fresh

    def days(self) -> list[int]:
        """The days on which what was sealed can be opened, the newest first."""
        return sorted({*self._wrapped, *self._fresh}, reverse=True)

    def fresh(self) -> list[tuple[int, bytes]]:
        """Days and wrapped keys that were made and must be stored in the transaction that stores what they sealed."""
        return list(self._fresh.items())

    def kept(self) -> None:
        """The fresh keys are stored."""
        self._wrapped |= self._fresh
        self._fresh.clear()

    def _cipher(self, day: int, *, make: bool) -> AESGCM:
        cipher = self._ciphers.get(day)
        if cipher is None:
            if make and not self.knows(day):
                self._fresh[day] = self._wrap(day, AESGCM.generate_key(256))
            cipher = self._ciphers[day] = AESGCM(self._unwrap(day))
        return cipher

    def _wrap(self, day: int, key: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, key, _key_place(day))

    def _unwrap(self, day: int) -> bytes:
        wrapped = self._wrapped.get(day) or self._fresh.get(day)
        if wrapped is None:
            raise DayKeyGone(day)
        try:
            return self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _key_place(day))
        except (InvalidTag, ValueError) as error:
            msg = f"the stored key of day {day} (since 1970) does not open"
            raise Corrupted(msg) from error


def day_of(utc_s: float) -> int:
    """The day (UTC, since 1970) whose key seals what happened at `utc_s`."""
    return int(utc_s // DAY_S)


def _key_place(day: int) -> bytes:
    return b"day_keys\0%d" % day
