"""Eddystone-TLM, unencrypted: a beacon's battery, temperature and counters, between its identifying frames.

Source: google/eddystone, eddystone-tlm/tlm-plain.md (version 0x00, 14 bytes).
"""

from dataclasses import dataclass
from struct import Struct
from typing import Final

from gateway.codecs.adverts import eddystone
from gateway.codecs.adverts.ad_structures import SERVICE_DATA_16
from gateway.codecs.adverts.format import Format
from gateway.codecs.adverts.octets import unsigned
from gateway.model.sighting import BeaconTelemetry

SIGNATURE: Final = eddystone.UUID + b"\x20\x00"

_LAYOUT: Final = Struct(">4xHhII")
_NO_TEMPERATURE: Final = -0x8000
_STEPS_PER_C: Final = 256
_TICKS_PER_S: Final = 10


@dataclass(frozen=True, slots=True)
class EddystoneTlm:
    """Telemetry since the beacon's start; battery and temperature are None where the beacon does not measure them."""

    battery_mv: int | None
    temperature_c: float | None
    advertisements: int
    uptime_s: float


def decode(value: bytes) -> EddystoneTlm | None:
    """The frame in service data that begins with the signature; None unless 16 bytes long, UUID included."""
    if len(value) != _LAYOUT.size:
        return None
    battery, temperature, advertisements, ticks = _LAYOUT.unpack(value)
    celsius = None if temperature == _NO_TEMPERATURE else temperature / _STEPS_PER_C
    return EddystoneTlm(battery or None, celsius, advertisements, ticks / _TICKS_PER_S)


def encode(frame: EddystoneTlm) -> bytes:
    """The whole payload: flags, list of services, the frame; temperature to 1/256 °C, uptime to 0.1 s.

    Raises:
        ValueError: a field is out of its range; its name is in the message.
    """
    return eddystone.payload_of(
        b"\x20\x00"
        + unsigned("battery_mv", frame.battery_mv or 0, 2)
        + _fixed_point(frame.temperature_c)
        + unsigned("advertisements", frame.advertisements, 4)
        + unsigned("uptime_s in tenths", round(frame.uptime_s * _TICKS_PER_S), 4)
    )


def token(frame: EddystoneTlm) -> BeaconTelemetry:
    """What the beacon measures, as a sighting carries it."""
    return BeaconTelemetry(frame.battery_mv, frame.temperature_c)


def _fixed_point(temperature_c: float | None) -> bytes:
    steps = _NO_TEMPERATURE if temperature_c is None else round(temperature_c * _STEPS_PER_C)
    if not -0x8000 <= steps < 0x8000:
        msg = f"temperature_c is {temperature_c}: give -128 to under 128"
        raise ValueError(msg)
    return steps.to_bytes(2, "big", signed=True)


FORMAT: Final = Format("eddystone_tlm", EddystoneTlm, SERVICE_DATA_16, SIGNATURE, decode, encode, token)
