"""Invented members: their keys, the members document that lets a store recognise them, what their phones send."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from gateway.codecs.adverts.member_token import VERSION, MemberTokenFrame, encode
from gateway.codecs.tokens import DAY_S, day_key, day_of, slot_of, token
from gateway.model.store import StoreRef
from gateway.model.time import rfc3339

Encoding = Literal["service_data", "service_uuid"]
"""How a phone carries its token: Android as service data, iOS in the foreground as a service UUID."""

_TX_POWER_DBM: Final = -59


@dataclass(frozen=True, slots=True)
class InventedMember:
    """A member that never was. `key` is the 32-byte secret that only phone and head office hold."""

    handle: str
    key: bytes = field(repr=False)
    languages: tuple[str, ...] = ("en",)
    purposes: tuple[str, ...] = ("presence", "offers")
    segments: tuple[str, ...] = ()

    def token_at(self, store: str, utc_s: float) -> bytes:
        """The 8 bytes that the phone sends in `store` at this time (seconds since 1970)."""
        return token(day_key(self.key, store, day_of(utc_s)), slot_of(utc_s))

    def payload_at(self, store: str, utc_s: float, encoding: Encoding) -> bytes:
        """The whole advertisement (AD payload) that carries `token_at`."""
        power_dbm = _TX_POWER_DBM if encoding == "service_data" else None
        return encode(MemberTokenFrame(encoding, VERSION, self.token_at(store, utc_s), power_dbm))

    def address_at(self, utc_s: float) -> str:
        """The phone's Bluetooth address in this slot: shaped like a resolvable private one, new with every token."""
        raw = bytearray(hashlib.sha256(self.key + slot_of(utc_s).to_bytes(8, "big")).digest()[:6])
        raw[0] = raw[0] & 0x3F | 0x40
        return raw.hex(":").upper()

    def document_line(self, store: str, days: Sequence[int]) -> dict[str, object]:
        """The member as the members document of `store` holds one, with the keys of these days (since 1970)."""
        return {
            "handle": self.handle,
            "keys": {str(day): base64.b64encode(day_key(self.key, store, day)).decode() for day in days},
            "languages": list(self.languages),
            "purposes": list(self.purposes),
            "segments": list(self.segments),
        }


def invent(name: str, **traits: tuple[str, ...]) -> InventedMember:
    """The member of this name: the same key and handle every time, so that a demo repeats itself.

    `traits` are `languages`, `purposes` and `segments`.
    """
    handle = base64.b32encode(hashlib.sha256(b"handle:" + name.encode()).digest()[:5]).decode().lower()
    return InventedMember(handle, hashlib.sha256(b"key:" + name.encode()).digest(), **traits)


def members_document(members: Sequence[InventedMember], store: StoreRef, serial: int, utc_s: float) -> bytes:
    """The full members document (wire.md, "Members"), with keys from the day before `utc_s` to the day after."""
    today = day_of(utc_s)
    days = (today - 1, today, today + 1)
    header: dict[str, object] = {
        "document": "members",
        "tenant": store.tenant,
        "store": store.store,
        "serial": serial,
        "valid_from": rfc3339(days[0] * DAY_S),
        "valid_until": rfc3339((days[-1] + 1) * DAY_S),
    }
    lines = [header, *(member.document_line(store.store, days) for member in members)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
