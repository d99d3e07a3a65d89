"""What a client of `StartDiscovery` asks for, and what follows from it in the two versions of BlueZ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from dbus_fast import Variant

Version = Literal["5.66", "5.82"]
"""Debian 12's BlueZ and Debian 13's."""


@dataclass(frozen=True, slots=True)
class DiscoveryFilter:
    """The part of `SetDiscoveryFilter` that matters to a scan for advertisements; None is "not given"."""

    transport: str | None = None
    rssi_dbm: int | None = None
    duplicate_data: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Variant]) -> Self:
        """The filter that a client sent.

        Raises:
            ValueError: an option is unknown or has another type.
        """
        given: dict[str, Any] = {}
        for name, option in options.items():
            field, signature = _OPTIONS.get(name, ("", ""))
            if option.signature != signature:
                msg = f"{name} of type {option.signature} is no filter of this simulation"
                raise ValueError(msg)
            given[field] = option.value
        return cls(**given)

    def filters(self, version: Version, dual_mode: bool) -> bool:
        """Whether BlueZ runs a "filtered discovery" for it, which signals the level of every packet.

        Since 5.67 (commit de8e7cfce) a transport that is the adapter's own scan type is no filter.
        """
        own_type = version != "5.66" and not dual_mode and self.transport == "le"
        by_transport = self.transport not in {None, "auto"} and not own_type
        return by_transport or self.rssi_dbm is not None or self.duplicate_data

    def passes(self, rssi_dbm: int) -> bool:
        """Whether a packet of this level is for the client."""
        return self.rssi_dbm is None or rssi_dbm >= self.rssi_dbm


_OPTIONS = {"Transport": ("transport", "s"), "RSSI": ("rssi_dbm", "n"), "DuplicateData": ("duplicate_data", "b")}
