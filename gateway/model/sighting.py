"""Sighting: the currency between what hears the shop and what understands it."""

from dataclasses import dataclass, field
from typing import Final, Literal

Medium = Literal["ble", "code", "nfc", "nfc.wallet", "app"]

NFC_WALLET: Final = "nfc.wallet"
"""What a reader that is certified for it took from a pass in a phone's wallet: a `CodeText` of symbology `pass`."""
PASS: Final = "pass"  # noqa: S105 - a pass of a wallet
PAGE: Final = "page"
"""Stands for the receiver where somebody tells or shows it on a page."""

UNDER_A_LAMP_DBM = -40.0
IBEACON = "ibeacon"
ALTBEACON = "altbeacon"
EDDYSTONE_UID = "eddystone_uid"
EDDYSTONE_EID = "eddystone_eid"
LIGHT = "light"
"""A lamp that blinks its number too fast to be seen; only a phone's camera can read it."""


@dataclass(frozen=True, slots=True)
class BeaconId:
    """What a beacon says it is: a hint, never proof.

    `value` is canonical lower-case text: ibeacon `uuid/major/minor`, altbeacon the 20 bytes in hex, eddystone_uid
    `namespace/instance` in hex, eddystone_eid the 8 bytes in hex, or, once a key resolved it, `key:` and the id in the
    floor plan, light 1 to 32 digits in hex.
    """

    format: str
    value: str


@dataclass(frozen=True, slots=True)
class BeaconTelemetry:
    """What a beacon measures of itself, None what it does not; which one it is, the sender's address alone tells."""

    battery_mv: int | None
    temperature_c: float | None


@dataclass(frozen=True, slots=True)
class SealedTelemetry:
    """What a beacon measures of itself, for who holds its key: 12 bytes, the 2 of their salt, and 2 that check them."""

    ciphertext: bytes
    salt: bytes
    mic: bytes


@dataclass(frozen=True, slots=True)
class MemberToken:
    """The rotating identifier of a member's phone (8 bytes), which only the members document of the day can resolve."""

    value: bytes


@dataclass(frozen=True, slots=True)
class CodeText:
    """What a camera or hand scanner read. `symbology` is one of `wire.md`'s (`qr_code`, `ean_13`, …)."""

    symbology: str
    text: str


@dataclass(frozen=True, slots=True)
class NfcTag:
    """A tag in the field: its NDEF message, empty if none. Its UID is kept out: it is never identity."""

    ndef: bytes


@dataclass(frozen=True, slots=True)
class HeardBeacon:
    """One beacon that a phone heard: by the floor plan's own id (a str) or by what the beacon says.

    A lamp has no level: who sees it stands under it, so it counts as `UNDER_A_LAMP_DBM`.
    """

    beacon: BeaconId | str
    rssi_dbm: float


@dataclass(frozen=True, slots=True)
class AppReport:
    """What the loyalty app of a recognised member (its handle) heard."""

    member: str
    seen: tuple[HeardBeacon, ...]


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A recognised member says "I am here"; `method` is `app`, `qr` or `hand`."""

    member: str
    method: str


@dataclass(frozen=True, slots=True)
class PhoneCheckIn:
    """What a phone wrote over a connection, unsealed, and the challenge that it was given on it; neither judged yet."""

    statement: bytes = field(repr=False)
    challenge: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OwnScan:
    """What a recognised member (its handle) read with their own phone, as `CodeText`."""

    member: str
    symbology: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GuestCheckIn:
    """Somebody whom nobody knows says "I am here" on a page of the shop, perhaps behind one of its markers (its id)."""

    marker: str | None = None


@dataclass(frozen=True, slots=True)
class Stranger:
    """A transmitter that says nothing of whom it is: never followed, only part of a count."""


Advertised = BeaconId | BeaconTelemetry | SealedTelemetry | MemberToken
"""What a packet can say of its sender."""

Presented = CodeText | NfcTag | GuestCheckIn | PhoneCheckIn
"""What somebody holds up or writes; by whom, if anybody, is what it says."""

Unnamed = Stranger | BeaconTelemetry | SealedTelemetry
"""What a packet can say that names nobody: its sender's address is all there is."""

Token = Stranger | Advertised | CodeText | NfcTag | AppReport | CheckIn | GuestCheckIn | PhoneCheckIn | OwnScan


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something was seen by a receiver (its id in the floor plan; the medium's name where there is none).

    `rssi_dbm` is None where a medium has no signal. `address` is the transmitter's Bluetooth address: it stays in
    memory and is never logged or stored. `age_s` is how long before it entered the gateway a packet was heard, in
    seconds: satellites send what they hear in batches.
    """

    medium: Medium
    receiver: str
    token: Token
    rssi_dbm: float | None = None
    address: str | None = None
    age_s: float = 0.0
