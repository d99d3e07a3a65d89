"""A check-in over a connection: what a phone reads of the gateway's GATT service, writes to it, and reads back.

The phone reads `challenge`: a version, 16 random bytes, the gateway's X25519 key of the day, and the shop's audience in
UTF-8. It writes to `checkin`: a version, and sealed to that key (HPKE) a COSE_Sign1 over the CBOR array (credential,
"check-in", SHA-256 of the challenge as it was read), with the credential of a member's code. Then it reads `answer`.

No value is longer than an attribute may be (Bluetooth Core, Vol 3, Part F, 3.2.9). What a phone signs here is no code
to hold up, nor the other way round.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import cbor2
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.codecs.cose import CoseError, PrivateKey, PublicKey, sign
from gateway.codecs.hpke import KEY_BYTES, TAG_BYTES, Context, HpkeError, open_answer, open_sealed, seal, seal_answer
from gateway.codecs.member_code import Credential, read_vouched

SERVICE: Final = "5c1a0001-7072-4f78-8000-70726f78696d"
CHALLENGE: Final = "5c1a0002-7072-4f78-8000-70726f78696d"
CHECK_IN: Final = "5c1a0003-7072-4f78-8000-70726f78696d"
ANSWER: Final = "5c1a0004-7072-4f78-8000-70726f78696d"
"""UUIDs of the service and of what can be read and written; they never change, so that a sleeping phone finds them."""

LONGEST_VALUE: Final = 512
NONCE_BYTES: Final = 16
MOST_WORDS: Final = 160
"""Characters of an offer's text that are sent; the whole of it is in `GET /v1/offers`."""

_VERSION: Final = b"\x01"
_INFO: Final = b"proximity/v1/check-in"
_SAYS: Final = "check-in"
_SEALED, _PLAIN = b"\x00", b"\x01"

Refusal = Literal[
    "check_in_busy",
    "check_in_no_challenge",
    "check_in_replayed",
    "check_in_stale",
    "check_in_too_long",
    "check_in_unavailable",
    "check_in_unsealed",
    "check_in_version",
]
"""Why a check-in is refused before it is known whose it is; after that, one of `KeptOutReason`."""


class CheckInError(ValueError):
    """What a phone wrote is refused for `reason`; nothing of it is in the message."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a phone reads first: `nonce` (16 bytes), the gateway's `key` of the day, and for which shop (`audience`)."""

    nonce: bytes
    key: bytes
    audience: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a check-in: None and perhaps the best open offer, or why it was refused."""

    refused: str | None = None
    offer: Mapping[str, Any] | None = field(default=None)


def write_challenge(challenge: Challenge) -> bytes:
    """The value of `challenge`."""
    return _VERSION + challenge.nonce + challenge.key + challenge.audience.encode()


def read_challenge(value: bytes) -> Challenge:
    """The challenge that a phone read.

    Raises:
        CheckInError: `check_in_version`, also where it is too short.
    """
    fixed = 1 + NONCE_BYTES + KEY_BYTES
    if value[:1] != _VERSION or not fixed < len(value) <= LONGEST_VALUE:
        raise CheckInError("check_in_version")
    return Challenge(value[1 : 1 + NONCE_BYTES], value[1 + NONCE_BYTES : fixed], value[fixed:].decode(errors="replace"))


def challenge_digest(value: bytes) -> bytes:
    """What stands for a challenge in what a phone signs: so the key that it seals to is signed too."""
    return hashlib.sha256(value).digest()


def write_statement(credential: bytes, challenge: bytes, phone: PrivateKey) -> bytes:
    """What a phone signs: that the member of `credential` is here; `challenge` is the value that it read."""
    return sign(cbor2.dumps([credential, _SAYS, challenge_digest(challenge)]), phone)


def read_statement(octets: bytes, key_of: Callable[[str], PublicKey | None]) -> tuple[Credential, bytes]:
    """Whose statement it is and over which challenge (its digest), both signatures judged.

    `key_of` gives an issuer's key (None: there is none).

    Raises:
        MemberCodeError: as `read_code`.
    """
    _, credential, digest, _ = read_vouched(octets, key_of, _said)
    return credential, digest


def write_check_in(statement: bytes, key: bytes, ephemeral: X25519PrivateKey) -> tuple[bytes, Context]:
    """The value that a phone writes to `checkin`, and what opens the answer; `ephemeral` is new each time."""
    sealed, context = seal(statement, key, _INFO, ephemeral=ephemeral)
    return _VERSION + sealed, context


def read_check_in(value: bytes, key: X25519PrivateKey) -> tuple[bytes, Context]:
    """The statement within what a phone wrote, yet to be judged, and what seals the answer.

    Raises:
        CheckInError: `check_in_too_long`, `check_in_version`, `check_in_unsealed` (cut short, changed, other key).
    """
    if len(value) > LONGEST_VALUE:
        raise CheckInError("check_in_too_long")
    if value[:1] != _VERSION:
        raise CheckInError("check_in_version")
    try:
        return open_sealed(value[1:], key, _INFO)
    except HpkeError as error:
        raise CheckInError("check_in_unsealed") from error


def write_answer(answer: Answer, context: Context | None) -> bytes:
    """The value of `answer`, sealed for who wrote the check-in of `context`; a refusal without one is not sealed.

    An offer's words are cut, and then left out, where the value would be too long.
    """
    if context is None:
        return _VERSION + _PLAIN + _packed(answer.refused, None)
    offer = answer.offer
    for most_chars in (MOST_WORDS, MOST_WORDS // 4, 0):
        packed = _packed(answer.refused, None if offer is None else _cut(offer, most_chars))
        if len(packed) + 2 + TAG_BYTES <= LONGEST_VALUE:
            break
    else:
        packed = _packed(answer.refused, None)
    return _VERSION + _SEALED + seal_answer(packed, context)


def read_answer(value: bytes, context: Context) -> Answer:
    """The answer to the check-in of `context`.

    Raises:
        CheckInError: `check_in_version`, `check_in_unsealed`.
    """
    if value[:1] != _VERSION:
        raise CheckInError("check_in_version")
    try:
        packed = value[2:] if value[1:2] == _PLAIN else open_answer(value[2:], context)
        said = json.loads(packed)
    except (HpkeError, ValueError) as error:
        raise CheckInError("check_in_unsealed") from error
    return Answer(said["refused"], said["offer"])


def _said(value: Any) -> tuple[bytes, bytes]:
    match value:
        case [bytes() as credential, str(says), bytes() as digest] if says == _SAYS:
            return credential, digest
    msg = "what the phone signed is no credential, word and challenge"
    raise CoseError(msg)


def _packed(refused: str | None, offer: Mapping[str, Any] | None) -> bytes:
    return json.dumps({"refused": refused, "offer": offer}, ensure_ascii=False, separators=(",", ":")).encode()


def _cut(offer: Mapping[str, Any], most_chars: int) -> Mapping[str, Any]:
    """An offer with no words longer than that, and without those that are nothing then."""
    words = {name: text[:most_chars] for name, text in offer.get("words", {}).items() if text[:most_chars]}
    return {**offer, "words": words}
