"""What every Eddystone frame shares: service data of the UUID 0xFEAA, announced in a list of service UUIDs.

Source: google/eddystone, protocol-specification.md.
"""

from typing import Final

from gateway.codecs.adverts.ad_structures import (
    LE_ONLY_DISCOVERABLE,
    SERVICE_DATA_16,
    SERVICE_UUIDS_16,
    structure,
)

UUID: Final = b"\xaa\xfe"
"""0xFEAA as it is on the air, little-endian."""


def payload_of(frame: bytes) -> bytes:
    """The whole payload around a frame (its type byte first): flags, list of services, service data."""
    return LE_ONLY_DISCOVERABLE + structure(SERVICE_UUIDS_16, UUID) + structure(SERVICE_DATA_16, UUID + frame)
