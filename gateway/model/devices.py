"""Devices of the shop's own that change their addresses: staff's phones, and assets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

MOST_DEVICES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Devices:
    """The devices document: identity resolving keys (16 bytes each).

    `staff` are only left out of what is counted; nobody knows which is whose. `assets` are by the id of a mobile beacon
    in the floor plan.
    """

    serial: int
    staff: tuple[bytes, ...] = field(default=(), repr=False)
    assets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
