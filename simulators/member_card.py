"""What members hold up: the app's signed code, and a wallet's pass with a barcode that changes."""

import base64
import hmac
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.cose import PrivateKey, key_octets
from gateway.codecs.member_code import RECORD_TYPE, Credential, code_text, store_audience, write_code, write_credential
from gateway.codecs.ndef import OtherRecord, encode
from gateway.codecs.wallet import pass_text
from gateway.model.store import StoreRef

CREDENTIAL_S: Final = 86_400.0
TURN_S: Final = 30
"""A pass's barcode changes this often (seconds)."""


@dataclass(frozen=True, slots=True)
class MemberCard:
    """A member's phone with a credential of an issuer; the phone's key never leaves it."""

    credential: Credential
    issuer: str
    issuer_key: PrivateKey = field(repr=False)
    phone_key: PrivateKey = field(repr=False)

    @classmethod
    def issue(cls, handle: str, audience: str, issuer: str, issuer_key: PrivateKey, utc_s: float) -> Self:
        """A card for a day from `utc_s` (seconds since 1970) on; phones keep keys of P-256 in hardware."""
        phone = generate_private_key(SECP256R1())
        credential = Credential(handle, audience, utc_s, utc_s + CREDENTIAL_S, phone.public_key())
        return cls(credential, issuer, issuer_key, phone)

    def but(self, **facts: object) -> Self:
        """The card with another credential."""
        return replace(self, credential=replace(self.credential, **facts))  # type: ignore[arg-type]

    def octets(self, utc_s: float) -> bytes:
        """What the phone hands over by NFC at `utc_s`, new each time."""
        credential = write_credential(self.credential, self.issuer, self.issuer_key)
        return write_code(credential, utc_s, secrets.token_bytes(8), self.phone_key)

    def message(self, utc_s: float) -> bytes:
        """That as an NDEF message, as a reader gets it."""
        return encode(OtherRecord(RECORD_TYPE, self.octets(utc_s)))

    def text(self, utc_s: float) -> str:
        """What the phone shows as a QR code at `utc_s`, new each time."""
        return code_text(self.octets(utc_s))


@dataclass(frozen=True, slots=True)
class CardIssuer:
    """Who gives members their cards, and signs for them with a key of its own."""

    name: str = "loyalty"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate, repr=False)

    def document(self, serial: int) -> bytes:
        """The issuers document that names this one alone."""
        key = base64.b64encode(key_octets(self.key.public_key())).decode()
        return json.dumps({"document": "issuers", "serial": serial, "keys": {self.name: key}}).encode()

    def card(self, handle: str, store: StoreRef, utc_s: float) -> MemberCard:
        """A member's card for a store, for a day from `utc_s` (seconds since 1970) on."""
        return MemberCard.issue(handle, store_audience(store.tenant, store.store), self.name, self.key, utc_s)


def one_time_password(key: bytes, utc_s: float, digits: int = 8) -> str:
    """The TOTP (RFC 6238, HMAC-SHA-1, steps of `TURN_S`) at `utc_s` (seconds since 1970)."""
    mac = hmac.digest(key, int(utc_s // TURN_S).to_bytes(8), "sha1")
    place = mac[-1] & 0x0F
    number = int.from_bytes(mac[place : place + 4]) & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def barcode(handle: str, key: bytes, utc_s: float) -> str:
    """What a wallet shows of a pass with this key (20 bytes) at `utc_s`: the instant at which it last changed."""
    made_utc_s = utc_s // TURN_S * TURN_S
    return pass_text(handle, made_utc_s, one_time_password(key, made_utc_s))
