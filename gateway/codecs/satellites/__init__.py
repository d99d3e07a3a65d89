"""Satellites: what receivers without a gateway of their own say over MQTT, one file a firmware."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.codecs.satellites import batch, espresense, theengs
from gateway.codecs.satellites.report import MOST_MESSAGE_BYTES, Dialect, NotRead, Packet, Report

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {"proximity": batch.DIALECT, "espresense": espresense.DIALECT, "theengs": theengs.DIALECT}
)
"""By the name that the settings have for it."""

__all__ = ["DIALECTS", "MOST_MESSAGE_BYTES", "Dialect", "NotRead", "Packet", "Report"]
