"""A coupon that head office gives one member for one store: a CWT (RFC 8392) that an issuer signed, shown as a QR code.

The text is `PC1:` and Base45 (RFC 9285) of a COSE_Sign1 by the issuer, whose name is its key id, over the claims `aud`
(one store), `exp`, `iat` (or later, `nbf`), `cti` (16 bytes, the coupon's own), the campaign whose benefit it gives
(-65537, of private use), and `sub` (the member's handle) where it is good for that member alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import cbor2

from gateway.codecs.base45 import Base45Error, decode_base45, encode_base45
from gateway.codecs.cose import CoseError, PrivateKey, PublicKey, read_cbor, read_instant, read_signed, sign

PREFIX: Final = "PC1:"
LONGEST_CHARS: Final = 1_024
"""About three times what a coupon with a handle and a campaign takes."""
LONGEST_NAME: Final = 256
ID_BYTES: Final = 16

CouponReason = Literal[
    "coupon_too_long", "coupon_truncated", "coupon_malformed", "coupon_unknown_issuer", "coupon_forged"
]

_SUB, _AUD, _EXP, _NBF, _IAT, _CTI, _CAMPAIGN = 2, 3, 4, 5, 6, 7, -65_537


class PersonalCouponError(ValueError):
    """The text is refused for `reason`; nothing of it is in the message."""

    def __init__(self, reason: CouponReason) -> None:
        super().__init__(reason)
        self.reason: CouponReason = reason


@dataclass(frozen=True, slots=True)
class PersonalCoupon:
    """What an issuer says: which campaign's benefit, in which store, from when until when (seconds since 1970).

    `id` is the coupon's own (32 hex digits), the same for no other; `handle` the member's (None: whoever brings it).
    """

    id: str
    campaign: str
    audience: str
    begins_utc_s: float
    ends_utc_s: float
    handle: str | None = field(default=None, repr=False)


def read_coupon(text: str, key_of: Callable[[str], PublicKey | None]) -> PersonalCoupon:
    """The coupon that `text` is, its signature judged; `key_of` gives an issuer's key (None: there is none).

    For where and when it is good is yet to be judged.

    Raises:
        PersonalCouponError: why it is none.
    """
    if len(text) > LONGEST_CHARS:
        raise PersonalCouponError("coupon_too_long")
    try:
        signed = read_signed(decode_base45(text.removeprefix(PREFIX)))
        key, coupon = key_of((signed.key_id or b"").decode()), _coupon(read_cbor(signed.payload))
    except (Base45Error, CoseError, UnicodeDecodeError) as error:
        cut_short = isinstance(error, Base45Error | CoseError) and error.cut_short
        raise PersonalCouponError("coupon_truncated" if cut_short else "coupon_malformed") from error
    if key is None:
        raise PersonalCouponError("coupon_unknown_issuer")
    if not signed.holds(key):
        raise PersonalCouponError("coupon_forged")
    return coupon


def write_coupon(coupon: PersonalCoupon, issuer: str, key: PrivateKey) -> str:
    """The text that the issuer of this name signs, for the member's app to show."""
    claims: dict[int, object] = {
        _AUD: coupon.audience,
        _EXP: int(coupon.ends_utc_s),
        _IAT: int(coupon.begins_utc_s),
        _CTI: bytes.fromhex(coupon.id),
        _CAMPAIGN: coupon.campaign,
    }
    if coupon.handle is not None:
        claims[_SUB] = coupon.handle
    return PREFIX + encode_base45(sign(cbor2.dumps(claims, canonical=True), key, issuer.encode()))


def _coupon(claims: Any) -> PersonalCoupon:
    match claims:
        case {3: str(audience), 4: ends, 6: issued, 7: bytes(own), -65_537: str(campaign)} if len(own) == ID_BYTES:
            begins, handle = claims.get(_NBF, issued), claims.get(_SUB)
            if _is_name(campaign) and (handle is None or _is_name(handle)):
                return PersonalCoupon(own.hex(), campaign, audience, read_instant(begins), read_instant(ends), handle)
    msg = "the coupon lacks a claim that it needs, or has it in another form"
    raise CoseError(msg)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()
