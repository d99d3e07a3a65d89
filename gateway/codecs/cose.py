"""COSE_Sign1 (RFC 9052, section 4.2): bytes with one signature, by ECDSA over P-256 or by Ed25519 (RFC 9053)."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PublicKey = EllipticCurvePublicKey | Ed25519PublicKey
PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey

DEEPEST: Final = 6
"""Levels of nested arrays and maps that are read."""
SIGNATURE_BYTES: Final = 64
LATEST_UTC_S: Final = 253_402_300_799
"""The last second of the year 9999: no date says a later one (RFC 3339, section 5.6), nor does a refusal."""
COORDINATE_BYTES: Final = 32

_TAG: Final = 18
_ALGORITHM, _KEY_ID = 1, 4
_ES256, _EDDSA = -7, -8
_KEY_TYPE, _CURVE, _X, _Y = 1, -1, -2, -3
_OKP, _EC2, _P256, _ED25519 = 1, 2, 1, 6


class CoseError(ValueError):
    """The bytes are not of the form; `cut_short` where they end before they should."""

    def __init__(self, says: str, *, cut_short: bool = False) -> None:
        super().__init__(says)
        self.cut_short = cut_short


@dataclass(frozen=True, slots=True)
class Signed:
    """A payload, the id of the key that it names (None: it names none), and what its signature covers."""

    payload: bytes
    key_id: bytes | None
    algorithm: int
    covered: bytes
    signature: bytes

    def holds(self, key: PublicKey) -> bool:
        """Whether the signature is that of `key`, by the algorithm that is the key's own."""
        if self.algorithm != _algorithm_of(key) or len(self.signature) != SIGNATURE_BYTES:
            return False
        try:
            if isinstance(key, Ed25519PublicKey):
                key.verify(self.signature, self.covered)
            else:
                r, s = int.from_bytes(self.signature[:32]), int.from_bytes(self.signature[32:])
                key.verify(encode_dss_signature(r, s), self.covered, ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


def read_cbor(octets: bytes) -> Any:
    """The one value that `octets` are, of definite lengths, without repeated keys, at most `DEEPEST` deep.

    Raises:
        CoseError: they are not that.
    """
    rest = BytesIO(octets)
    try:
        value = cbor2.CBORDecoder(
            rest, max_depth=DEEPEST, allow_indefinite=False, allow_duplicate_keys=False, read_size=1
        ).decode()
    except cbor2.CBORDecodeEOF as error:
        msg = "the bytes end before they should"
        raise CoseError(msg, cut_short=True) from error
    except (cbor2.CBORError, ValueError, TypeError, OverflowError) as error:
        msg = f"the bytes are no plain CBOR ({type(error).__name__})"
        raise CoseError(msg) from error
    if rest.tell() < len(octets):
        msg = f"{len(octets) - rest.tell()} bytes are left over"
        raise CoseError(msg)
    return value


def read_instant(value: object) -> float:
    """The seconds since 1970 that a NumericDate is (RFC 8392, section 2).

    Raises:
        CoseError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST_UTC_S:
        msg = "an instant is no number of seconds since 1970"
        raise CoseError(msg)
    return float(value)


def read_signed(octets: bytes) -> Signed:
    """The COSE_Sign1 that `octets` are, tagged or not; its signature is yet to be judged.

    The algorithm counts only where it is protected; a header parameter named critical (RFC 9052, section 3.1) is none
    that we know.

    Raises:
        CoseError: they are not that.
    """
    value = read_cbor(octets)
    if isinstance(value, cbor2.CBORTag) and value.tag == _TAG:
        value = value.value
    match value:
        case [bytes() as protected, Mapping() as unprotected, bytes() as payload, bytes() as signature]:
            header = read_cbor(protected) if protected else {}
        case _:
            msg = "it is no COSE_Sign1: four parts, of which the second is a map and the others are bytes"
            raise CoseError(msg)
    if not isinstance(header, dict) or not isinstance(header.get(_ALGORITHM), int) or 2 in header:
        msg = "its protected header names no algorithm, or something critical that is unknown here"
        raise CoseError(msg)
    key_id = header.get(_KEY_ID, unprotected.get(_KEY_ID))
    if key_id is not None and not isinstance(key_id, bytes):
        msg = "its key's id is not bytes"
        raise CoseError(msg)
    return Signed(payload, key_id, header[_ALGORITHM], _covered(protected, payload), signature)


def sign(payload: bytes, key: PrivateKey, key_id: bytes | None = None) -> bytes:
    """A COSE_Sign1 over `payload` by `key`, which it names `key_id`."""
    header: dict[int, object] = {_ALGORITHM: _algorithm_of(key.public_key())}
    if key_id is not None:
        header[_KEY_ID] = key_id
    protected = cbor2.dumps(header, canonical=True)
    covered = _covered(protected, payload)
    if isinstance(key, Ed25519PrivateKey):
        signature = key.sign(covered)
    else:
        r, s = decode_dss_signature(key.sign(covered, ECDSA(SHA256())))
        signature = r.to_bytes(COORDINATE_BYTES) + s.to_bytes(COORDINATE_BYTES)
    return cbor2.dumps([protected, {}, payload, signature])


def key_from(octets: bytes) -> PublicKey:
    """The public key of these bytes: 32 of Ed25519, or a point of P-256 (SEC 1, section 2.3.3).

    Raises:
        CoseError: they are neither.
    """
    try:
        if len(octets) == COORDINATE_BYTES:
            return Ed25519PublicKey.from_public_bytes(octets)
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), octets)
    except ValueError as error:
        msg = f"{len(octets)} bytes are neither a key of Ed25519 nor a point of P-256"
        raise CoseError(msg) from error


def key_octets(key: PublicKey) -> bytes:
    """The bytes of a public key; of P-256, its compressed point."""
    if isinstance(key, Ed25519PublicKey):
        return key.public_bytes_raw()
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def read_key(value: object) -> PublicKey:
    """The public key that a COSE_Key is (RFC 9053, section 7): P-256 with both coordinates, or Ed25519.

    Raises:
        CoseError: it is neither.
    """
    try:
        match value:
            case {1: int(kind), -1: int(curve), -2: bytes(x), -3: bytes(y)} if (kind, curve) == (_EC2, _P256):
                return EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1()).public_key()
            case {1: int(kind), -1: int(curve), -2: bytes(x)} if (kind, curve) == (_OKP, _ED25519):
                return Ed25519PublicKey.from_public_bytes(x)
    except ValueError as error:
        msg = f"it is no point of its curve: {error}"
        raise CoseError(msg) from error
    msg = "it is no COSE_Key of P-256 (with x and y) or Ed25519"
    raise CoseError(msg)


def write_key(key: PublicKey) -> Mapping[int, object]:
    """`key` as a COSE_Key."""
    if isinstance(key, Ed25519PublicKey):
        return {_KEY_TYPE: _OKP, _CURVE: _ED25519, _X: key.public_bytes_raw()}
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
    return {_KEY_TYPE: _EC2, _CURVE: _P256, _X: point[:COORDINATE_BYTES], _Y: point[COORDINATE_BYTES:]}


def _algorithm_of(key: PublicKey) -> int:
    return _EDDSA if isinstance(key, Ed25519PublicKey) else _ES256


def _covered(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure (RFC 9052, section 4.4); an empty protected header is no bytes at all."""
    if protected == b"\xa0":
        protected = b""
    return cbor2.dumps(["Signature1", protected, b"", payload])
