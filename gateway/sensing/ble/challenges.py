"""Which phone was given which challenge: each is good once, for a while, on the connection that it was read on."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.codecs.check_in import NONCE_BYTES, Challenge, CheckInError, read_check_in, write_challenge
from gateway.codecs.hpke import Context
from gateway.model.sighting import PhoneCheckIn

MOST_PHONES: Final = 64
"""Phones that are remembered; the one that read a challenge longest ago makes room, and has to read another."""
KEY_S: Final = 86_400.0
"""A key is given out for a day (seconds) and then forgotten: what was sealed to it, nobody can open any more."""


@dataclass(slots=True)
class _Given:
    """What one phone read, when (monotonic s), and what it can read as the answer."""

    value: bytes
    at_s: float
    key: X25519PrivateKey = field(repr=False)
    used: bool = False
    answer: bytes = b""


class Challenges:
    """Phones by whatever tells their connections apart. In memory alone; a restart forgets keys and challenges."""

    def __init__(self, audience: str, good_s: float, random: Callable[[int], bytes]) -> None:
        """`audience` names the shop; a challenge is good for `good_s`; `random` gives bytes that nobody can guess."""
        self._audience = audience
        self._good_s = good_s
        self._random = random
        self._given: OrderedDict[str, _Given] = OrderedDict()
        self._key: X25519PrivateKey | None = None
        self._key_since_s = 0.0

    def __len__(self) -> int:
        return len(self._given)

    def give(self, phone: str, mono_s: float) -> bytes:
        """A new challenge for this phone; the one before is good no longer."""
        self.forget(mono_s)
        key = self._key_at(mono_s)
        challenge = Challenge(self._random(NONCE_BYTES), key.public_key().public_bytes_raw(), self._audience)
        given = self._given[phone] = _Given(write_challenge(challenge), mono_s, key)
        self._given.move_to_end(phone)
        if len(self._given) > MOST_PHONES:
            self._given.popitem(last=False)
        return given.value

    def given(self, phone: str) -> bytes:
        """What this phone was given last, again: a long value is read in pieces. Empty: nothing."""
        known = self._given.get(phone)
        return known.value if known else b""

    def take(self, phone: str, value: bytes, mono_s: float) -> tuple[PhoneCheckIn, Context]:
        """What a phone wrote, to be judged, and what seals the answer; its challenge is used up.

        Raises:
            CheckInError: `check_in_no_challenge`, `check_in_replayed`, `check_in_stale`, or as `read_check_in`.
        """
        known = self._given.get(phone)
        if known is None:
            raise CheckInError("check_in_no_challenge")
        if mono_s - known.at_s > self._good_s:
            raise CheckInError("check_in_stale")
        if known.used:
            raise CheckInError("check_in_replayed")
        statement, context = read_check_in(value, known.key)
        known.used = True
        return PhoneCheckIn(statement, known.value), context

    def answer(self, phone: str, value: bytes) -> None:
        """What this phone can read from now on; nothing where it is forgotten."""
        if phone in self._given:
            self._given[phone].answer = value

    def answered(self, phone: str) -> bytes:
        """The answer that this phone can read; empty: none yet."""
        known = self._given.get(phone)
        return known.answer if known else b""

    def forget(self, mono_s: float) -> None:
        """Forget phones whose challenge and answer are of no use any more, and with them yesterday's key."""
        for phone in [phone for phone, each in self._given.items() if mono_s - each.at_s > 2 * self._good_s]:
            del self._given[phone]

    def _key_at(self, mono_s: float) -> X25519PrivateKey:
        if self._key is None or mono_s - self._key_since_s >= KEY_S:
            self._key, self._key_since_s = X25519PrivateKey.generate(), mono_s
        return self._key
