"""Recording: what of an input may be kept, as a line of a capture. Nobody can be found in it, and it replays."""

from hashlib import blake2b
from typing import Final

from gateway.codecs.adverts import encode_payload
from gateway.codecs.beacon_frames import frame_of
from gateway.codecs.captures import ClockSet, ble_line, input_line, sighting_line
from gateway.codecs.ndef import TextRecord, encode
from gateway.core.readings import Reading, Understood, read
from gateway.core.shop import Shop
from gateway.model.documents import FloorPlan, Marker
from gateway.model.inputs import ClockChanged, DocumentReady, Input, ReceiverHealth
from gateway.model.meaning import KeptOut
from gateway.model.sighting import AppReport, BeaconId, CodeText, HeardBeacon, NfcTag, Sighting
from gateway.model.time import Now

NOTHING: Final = "?"
"""Stands for a text that is kept out: read again, it is kept out too."""
_GTIN: Final = "01"


class Recording:
    """Turns inputs into lines.

    Addresses and handles become pseudonyms under `key` (32 random bytes that are kept nowhere), so that one phone stays
    one phone within this capture and is nobody outside it. Of packets only those of the floor plan's beacons are kept,
    of codes and tags only which marker of the shop or which product was read. Members' tokens, check-ins and strangers
    are left out.
    """

    def __init__(self, plan: FloorPlan, key: bytes, began: Now) -> None:
        self._shop = Shop.of(plan)
        self._key = key
        self._began_s = began.mono_s

    def line(self, input: Input, now: Now) -> str | None:
        """The line of an input at its time; None where nothing of it may be kept."""
        t_s = round(max(0.0, now.mono_s - self._began_s), 3)
        match input:
            case Sighting():
                return self._sighting(t_s, input)
            case ReceiverHealth():
                return input_line(t_s, input)
            case ClockChanged():
                return input_line(t_s, ClockSet(now.clock, now.utc_s))
            case DocumentReady(content=FloorPlan() as plan):
                self._shop = Shop.of(plan)
        return None

    def _sighting(self, t_s: float, sighting: Sighting) -> str | None:
        token, receiver = sighting.token, sighting.receiver
        match token:
            case BeaconId() if token in self._shop.beacons and sighting.rssi_dbm is not None:
                address = None if sighting.address is None else self._address(sighting.address)
                payload = encode_payload(frame_of(token))
                return ble_line(t_s, receiver, sighting.rssi_dbm, payload, address, sighting.age_s)
            case AppReport(member, seen):
                known = tuple(heard for heard in seen if self._is_ours(heard))
                return sighting_line(t_s, Sighting("app", receiver, AppReport(self._handle(member), known)))
            case CodeText(symbology):
                text = _shown(read(token, self._shop))
                return sighting_line(t_s, Sighting("code", receiver, CodeText(symbology, text or NOTHING)))
            case NfcTag():
                text = _shown(read(token, self._shop))
                ndef = encode(TextRecord("en", text)) if text else b""
                return sighting_line(t_s, Sighting("nfc", receiver, NfcTag(ndef)))
        return None

    def _is_ours(self, heard: HeardBeacon) -> bool:
        if isinstance(heard.beacon, BeaconId):
            return heard.beacon in self._shop.beacons
        return heard.beacon in self._shop.plan.beacons

    def _handle(self, handle: str) -> str:
        return "p" + self._pseudonym(b"handle", handle, 10).hex()

    def _address(self, address: str) -> str:
        """A static random address (Bluetooth Core, Vol 6, Part B, 1.3.2.1: its two highest bits are 11)."""
        first, *rest = self._pseudonym(b"address", address, 6)
        return ":".join(f"{octet:02X}" for octet in (first | 0xC0, *rest))

    def _pseudonym(self, kind: bytes, name: str, size: int) -> bytes:
        return blake2b(name.encode(), digest_size=size, key=self._key, person=kind).digest()


def _shown(reading: Understood | KeptOut) -> str | None:
    """A text that means the same product or marker, and says no more."""
    match reading:
        case Reading(elements=[_, *_] as elements):
            return f"({_GTIN}){dict(elements)[_GTIN]}"
        case Reading(marker=Marker(id=marker)):
            return marker
    return None
