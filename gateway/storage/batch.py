"""What one commit writes, and what a start reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.model.decision import Decision
from gateway.model.event import Event
from gateway.model.step import Change, Record


@dataclass(frozen=True, slots=True)
class Batch:
    """All that one or many steps did, committed together or not at all.

    `changes` are in order (the last of a record counts), `positions` the last line that a resending source's lines
    are committed up to, by origin.
    """

    changes: tuple[Change, ...] = ()
    events: tuple[Event, ...] = ()
    decisions: tuple[Decision, ...] = ()
    positions: Mapping[str, int] = field(default_factory=dict)
    acks: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Restored:
    """The records and positions of the last commit, in no particular order."""

    records: list[Record]
    positions: dict[str, int]
