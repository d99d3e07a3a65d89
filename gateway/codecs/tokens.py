"""Members' tokens: store-scoped day keys, and the identifier a phone sends for a quarter of an hour.

Head office derives a day key for each member, store and day; the phone does the same. The gateway is given day keys
only, so that it can recognise a member here and for a few days, and nobody anywhere else. Days and slots are of UTC.
"""

import hmac
from typing import Final

from gateway.codecs.hkdf import hkdf

DAY_S: Final = 86_400
SLOT_S: Final = 900
SLOTS_A_DAY: Final = DAY_S // SLOT_S
DAY_KEY_BYTES: Final = 16
TOKEN_BYTES: Final = 8

_DAY_LABEL: Final = b"pxgw/v1/day"
_TOKEN_LABEL: Final = b"\x01"


def day_of(utc_s: float) -> int:
    """The day (since 1970) that `utc_s` lies in."""
    return int(utc_s // DAY_S)


def slot_of(utc_s: float) -> int:
    """The slot (of 15 minutes, since 1970) that `utc_s` lies in."""
    return int(utc_s // SLOT_S)


def day_key(member_key: bytes, store: str, day: int) -> bytes:
    """The 16-byte key of a member (by its secret 32-byte key) in `store` on `day`: HKDF-SHA256 (RFC 5869), no salt.

    Raises:
        ValueError: the store's name is over 255 bytes in UTF-8, or the day is not within 0 to 2³²-1.
    """
    name = store.encode()
    if len(name) > 255:
        msg = f"store is {len(name)} bytes long: give at most 255"
        raise ValueError(msg)
    if not 0 <= day < 1 << 32:
        msg = f"day is {day}: give days since 1970, 0 or more"
        raise ValueError(msg)
    label = _DAY_LABEL + bytes((len(name),)) + name + day.to_bytes(4, "big")
    return hkdf(member_key, label, DAY_KEY_BYTES)


def token(day_key: bytes, slot: int) -> bytes:
    """The 8 bytes that the member's phone sends during `slot` of the key's day."""
    return hmac.digest(day_key, token_message(slot), "sha256")[:TOKEN_BYTES]


def token_message(slot: int) -> bytes:
    """What every day key is put to in `slot`: a token is the beginning of the HMAC-SHA256 of it."""
    return _TOKEN_LABEL + slot.to_bytes(4, "big")
