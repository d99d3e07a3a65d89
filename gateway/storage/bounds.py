"""How much of each event class the outbox keeps for head office, and for how long."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final

GIVEN_UP_FIRST: Final = ("telemetry", "operation", "offer", "visit")
"""Classes that may be given up, in this order where the disk is full. Redemptions and consents never are."""


@dataclass(frozen=True, slots=True)
class OutboxOptions:
    """What may wait of each class; beyond it the oldest gives way to an `event.dropped` that says so.

    Redemptions and consents have no bound but the disk: when nothing else is left to give up, the gateway refuses to
    take more (`storage_unavailable`) rather than lose one.
    """

    visit_events: int = 2_000_000
    """Most events of class `visit` that wait."""
    visit_days: int = 90
    """Longest that one of them waits (days)."""
    offer_events: int = 1_000_000
    """Most events of class `offer` that wait."""
    offer_days: int = 90
    """Longest that one of them waits (days)."""
    operation_events: int = 200_000
    """Most events of class `operation` that wait."""
    operation_days: int = 30
    """Longest that one of them waits (days)."""
    telemetry_events: int = 200_000
    """Most events of class `telemetry` that wait."""
    telemetry_days: int = 14
    """Longest that one of them waits (days)."""

    @property
    def bounds(self) -> Mapping[str, "Bound"]:
        """The bound of each class that has one."""
        return MappingProxyType(
            {name: Bound(getattr(self, f"{name}_events"), getattr(self, f"{name}_days")) for name in GIVEN_UP_FIRST}
        )


@dataclass(frozen=True, slots=True)
class Bound:
    """At most so many events of a class, none older than so many days."""

    events: int
    days: int


FEWEST_EVENTS: Final = 1000
"""A smaller bound would give up what merely waits for the next acknowledgement."""


def problems(options: OutboxOptions) -> Iterator[tuple[str, str, str]]:
    """Key, problem and hint of each option that will not do."""
    for each in fields(options):
        least = FEWEST_EVENTS if each.name.endswith("_events") else 1
        if getattr(options, each.name) < least:
            yield each.name, f"{getattr(options, each.name)} is too little", f"write {least} or more"
