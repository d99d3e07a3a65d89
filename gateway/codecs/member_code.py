"""The code that a member's phone shows: a credential of head office's issuer, signed over by the phone at this moment.

The text is `PX1:` and Base45 (RFC 9285) of a COSE_Sign1 by the phone over the CBOR array (credential, issued at in
seconds since 1970, nonce of 8 to 32 bytes). The credential is a CWT (RFC 8392), a COSE_Sign1 by the issuer, with the
claims `sub` (the handle), `aud`, `exp`, `iat` (or later, `nbf`), and `cnf` with the phone's key (RFC 8747). A tag or a
phone's card emulation holds the bytes alone in a record of type `RECORD_TYPE`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import cbor2

from gateway.codecs.base45 import Base45Error, decode_base45, encode_base45
from gateway.codecs.cose import (
    CoseError,
    PrivateKey,
    PublicKey,
    Signed,
    read_cbor,
    read_instant,
    read_key,
    read_signed,
    sign,
    write_key,
)
from gateway.model.meaning import KeptOutReason

PREFIX: Final = "PX1:"
RECORD_TYPE: Final = "urn:nfc:ext:proximity:member"
LONGEST_CHARS: Final = 1_024
LONGEST_BYTES: Final = 680
"""About three times what a code with two signatures and a handle takes."""
LONGEST_HANDLE: Final = 128

_Said = TypeVar("_Said")
_SUB, _AUD, _EXP, _NBF, _IAT, _CNF = 2, 3, 4, 5, 6, 8
_COSE_KEY: Final = 1


class MemberCodeError(ValueError):
    """The code is refused for `reason`, one of `KeptOutReason`; nothing of the code is in the message."""

    def __init__(self, reason: KeptOutReason) -> None:
        super().__init__(reason)
        self.reason: KeptOutReason = reason


@dataclass(frozen=True, slots=True)
class Credential:
    """What an issuer says: whose the phone of this key is, where and from when until when (seconds since 1970)."""

    handle: str
    audience: str
    begins_utc_s: float
    ends_utc_s: float
    phone: PublicKey


@dataclass(frozen=True, slots=True)
class MemberCode:
    """A code whose signatures hold. `shown` is what the phone signed, the same for nothing else it ever signs."""

    issuer: str
    credential: Credential
    shown_utc_s: float
    shown: bytes


def store_audience(tenant: str, store: str) -> str:
    """Whom a credential for one store is for: `proximity:{tenant}/{store}`."""
    return f"{tenant_audience(tenant)}/{store}"


def tenant_audience(tenant: str) -> str:
    """Whom a credential for every store of a brand is for."""
    return f"proximity:{tenant}"


def code_octets(text: str) -> bytes:
    """The bytes of a code's text.

    Raises:
        MemberCodeError: `code_too_long`, `code_truncated`, `code_malformed`.
    """
    if len(text) > LONGEST_CHARS:
        raise MemberCodeError("code_too_long")
    try:
        return decode_base45(text.removeprefix(PREFIX))
    except Base45Error as error:
        raise MemberCodeError("code_truncated" if error.cut_short else "code_malformed") from error


def code_text(octets: bytes) -> str:
    """The text of a code's bytes."""
    return PREFIX + encode_base45(octets)


def read_code(octets: bytes, key_of: Callable[[str], PublicKey | None]) -> MemberCode:
    """The code that `octets` are, both signatures judged; `key_of` gives an issuer's key (None: there is none).

    When it was made and for where is yet to be judged.

    Raises:
        MemberCodeError: `code_too_long`, `code_truncated`, `code_malformed`, `code_unknown_issuer`,
            `code_forged_issuer`, `code_forged`.
    """
    if len(octets) > LONGEST_BYTES:
        raise MemberCodeError("code_too_long")
    issuer, credential, shown_at, shown = read_vouched(octets, key_of, _shown)
    return MemberCode(issuer, credential, shown_at, shown)


def read_vouched(
    octets: bytes, key_of: Callable[[str], PublicKey | None], said: Callable[[Any], tuple[bytes, _Said]]
) -> tuple[str, Credential, _Said, bytes]:
    """Issuer, credential, and what a phone said and signed, both signatures judged.

    `said` takes apart what the phone signed: the credential within, and the rest. It raises `CoseError`.

    Raises:
        MemberCodeError: as `read_code`, but for the length.
    """
    try:
        by_phone = read_signed(octets)
        within, rest = said(read_cbor(by_phone.payload))
        by_issuer = read_signed(within)
        issuer = (by_issuer.key_id or b"").decode()
        credential = _credential(read_cbor(by_issuer.payload))
    except (CoseError, UnicodeDecodeError) as error:
        cut_short = isinstance(error, CoseError) and error.cut_short
        raise MemberCodeError("code_truncated" if cut_short else "code_malformed") from error
    _check_signed(by_issuer, key_of(issuer), by_phone, credential.phone)
    return issuer, credential, rest, by_phone.payload


def write_credential(credential: Credential, issuer: str, key: PrivateKey) -> bytes:
    """The CWT that the issuer of this name signs for a phone."""
    claims: dict[int, object] = {
        _SUB: credential.handle,
        _AUD: credential.audience,
        _EXP: int(credential.ends_utc_s),
        _IAT: int(credential.begins_utc_s),
        _CNF: {_COSE_KEY: write_key(credential.phone)},
    }
    return sign(cbor2.dumps(claims, canonical=True), key, issuer.encode())


def write_code(credential: bytes, shown_utc_s: float, nonce: bytes, phone: PrivateKey) -> bytes:
    """The bytes that a phone shows at `shown_utc_s` (seconds since 1970); `nonce` is new each time."""
    return sign(cbor2.dumps([credential, int(shown_utc_s), nonce]), phone)


def _check_signed(by_issuer: Signed, issuer: PublicKey | None, by_phone: Signed, phone: PublicKey) -> None:
    if issuer is None:
        raise MemberCodeError("code_unknown_issuer")
    if not by_issuer.holds(issuer):
        raise MemberCodeError("code_forged_issuer")
    if not by_phone.holds(phone):
        raise MemberCodeError("code_forged")


def _shown(value: Any) -> tuple[bytes, float]:
    """The credential within, and when the phone made the code."""
    match value:
        case [bytes() as credential, int() as shown_at, bytes() as nonce] if 8 <= len(nonce) <= 32:
            return credential, read_instant(shown_at)
    msg = "what the phone signed is no credential, instant and nonce"
    raise CoseError(msg)


def _credential(claims: Any) -> Credential:
    match claims:
        case {2: str(handle), 3: str(audience), 4: ends, 6: issued, 8: {1: key}}:
            if not 0 < len(handle) <= LONGEST_HANDLE or not handle.isprintable():
                msg = "its handle is none"
                raise CoseError(msg)
            begins = claims.get(_NBF, issued)
            return Credential(handle, audience, read_instant(begins), read_instant(ends), read_key(key))
    msg = "the credential lacks a claim that it needs, or has it in another form"
    raise CoseError(msg)
