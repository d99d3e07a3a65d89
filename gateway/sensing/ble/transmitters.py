"""What one packet held, from what bleak makes of it.

BlueZ gathers what a transmitter ever said, and bleak hands out the whole each time: an older frame would be heard
again with every newer one. What was in the packet shows in which properties BlueZ signalled for it: bleak replaces
the value of those, and of no others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from bleak.backends.scanner import AdvertisementData

from gateway.codecs.adverts import tokens_in_structure
from gateway.codecs.adverts.ad_structures import MANUFACTURER, SERVICE_DATA_16, SERVICE_DATA_128, SERVICE_UUIDS_128
from gateway.model.sighting import Advertised

MOST_KNOWN: Final = 4096
"""Transmitters that are remembered; the one met first makes room. One that was forgotten is met anew."""
KEPT_S: Final = 900.0
"""One that was not heard for so long (seconds) is forgotten, as BlueZ forgot it before; a phone has another address."""

_BLUETOOTH_BASE: Final = "-0000-1000-8000-00805f9b34fb"

Tokens = tuple[Advertised, ...]


@dataclass(slots=True)
class _Known:
    """The values of a transmitter's properties, whom its last packet identified, and when that was (monotonic s)."""

    heard_s: float
    manufacturer: Mapping[int, bytes] | None = None
    service: Mapping[str, bytes] | None = None
    uuids: list[str] | None = None
    tokens: Tokens = ()


class Transmitters:
    """Those of one adapter, by their path in BlueZ."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def tokens(self, advertisement: AdvertisementData, mono_s: float, *, exact: bool) -> Tokens:
        """Whom the packet identifies that this callback is about, at `mono_s` (monotonic s).

        `exact`: the scan runs with DuplicateData, where BlueZ puts nothing but the packet's own data into what it
        signals. Where nothing was signalled but the level, the packet said what the last one did.
        """
        path, properties = advertisement.platform_data
        known = self._known.get(path) or self._met(path, mono_s)
        known.heard_s = mono_s
        structures = [*_manufacturer(known, properties, exact), *_service(known, properties, exact)]
        newest = _newest_of_uuids(known, properties)
        if structures or newest:
            known.tokens = newest
            for ad_type, value in structures:
                known.tokens += tokens_in_structure(ad_type, value)
        return known.tokens

    def forget(self, mono_s: float) -> None:
        """Forget, at `mono_s` (monotonic s), those that were not heard for `KEPT_S`: their paths are addresses."""
        self._known = {path: known for path, known in self._known.items() if mono_s - known.heard_s < KEPT_S}

    def _met(self, path: str, mono_s: float) -> _Known:
        if len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        known = self._known[path] = _Known(mono_s)
        return known


def _manufacturer(known: _Known, properties: Mapping[str, Any], exact: bool) -> Iterator[tuple[int, bytes]]:
    before, now = known.manufacturer, properties.get("ManufacturerData")
    if now is None or now is before:
        return
    known.manufacturer = now
    for company, value in now.items():
        if exact or before is None or before.get(company) != value:
            yield MANUFACTURER, company.to_bytes(2, "little") + bytes(value)


def _service(known: _Known, properties: Mapping[str, Any], exact: bool) -> Iterator[tuple[int, bytes]]:
    before, now = known.service, properties.get("ServiceData")
    if now is None or now is before:
        return
    known.service = now
    for uuid, value in now.items():
        if exact or before is None or before.get(uuid) != value:
            ad_type, written = _on_air(uuid)
            yield ad_type, written + bytes(value)


def _newest_of_uuids(known: _Known, properties: Mapping[str, Any]) -> Tokens:
    """Whom the newest service UUID identifies that identifies anybody. BlueZ adds new ones at the end, drops none."""
    before, now = known.uuids or [], properties.get("UUIDs")
    if now is None or now is before:
        return ()
    known.uuids = now
    for uuid in reversed(now):
        if uuid not in before and (tokens := tokens_in_structure(SERVICE_UUIDS_128, _on_air(uuid)[1])):
            return tokens
    return ()


@lru_cache(maxsize=MOST_KNOWN)
def _on_air(uuid: str) -> tuple[int, bytes]:
    """The AD type of service data of this UUID, and the UUID as that begins with it."""
    if uuid.startswith("0000") and uuid.endswith(_BLUETOOTH_BASE):
        return SERVICE_DATA_16, bytes.fromhex(uuid[4:8])[::-1]
    return SERVICE_DATA_128, UUID(uuid).bytes[::-1]
