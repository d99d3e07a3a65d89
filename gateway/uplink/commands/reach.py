"""What commands can reach of the gateway, each as the smallest thing that serves."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gateway.model.decision import Decision
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.runtime.logs import Loudness
from gateway.storage.erasure import ErasedRows, Search
from gateway.storage.standing import StreamStanding
from gateway.uplink.commands.tape import Tape


class Ledger(Protocol):
    """What was decided: `gateway.storage.ledger.Ledger`, or a fake."""

    async def decisions(
        self, subject: str, campaign: str | None = None, until_utc_s: float | None = None, limit: int = 100
    ) -> list[Decision]:
        """For a subject at or before a time, newest first."""

    async def last_of_each(self, subject: str, until_utc_s: float | None = None) -> list[Decision]:
        """The newest of each campaign for a subject."""


class Outbox(Protocol):
    """What waits to be sent: `gateway.storage.outbox.Outbox`, or a fake."""

    async def by_class(self) -> list[StreamStanding]:
        """Where each class stands."""

    async def holding(self, subject: str) -> Search:
        """Where the events of a subject wait."""


class Erasures(Protocol):
    """Between an erasure and the writer that does it: `gateway.storage.erasure.Erasures`, or a fake."""

    def expect(self, subject: str, search: Search) -> None:
        """An erasure of `subject` is about to come."""

    def outcome(self, subject: str) -> ErasedRows | None:
        """What went of `subject`."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The running gateway as its commands see it.

    `directory` is the state's, `counters` gives totals since the start, `stop` begins a stop in order; it runs since
    `started_s` (monotonic s).
    """

    version: str
    directory: Path
    inbox: Inbox
    health: Health
    counters: Callable[[], Mapping[str, int]]
    outbox: Outbox
    ledger: Ledger
    erasures: Erasures
    tape: Tape
    loudness: Loudness
    stop: Callable[[], None]
    started_s: float = field(default_factory=time.monotonic)
