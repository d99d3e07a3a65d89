"""Personal: what is stored of one subject beside the records, to be shown to it or to be taken away."""

from gateway.model.decision import Decision
from gateway.model.event import Event
from gateway.storage.erasure import ErasedRows, Erasures
from gateway.storage.ledger import Ledger
from gateway.storage.outbox import Outbox

MOST_SHOWN = 10_000
"""Decisions shown of one subject, the newest."""


class PersonalRows:
    """Reads what is committed, and prepares the writer for an erasure."""

    def __init__(self, outbox: Outbox, ledger: Ledger, erasures: Erasures) -> None:
        self._outbox = outbox
        self._ledger = ledger
        self._erasures = erasures

    async def decisions(self, subject: str) -> list[Decision]:
        """What was decided for it, newest first.

        Raises:
            StorageUnavailable: the disk does not answer.
            Corrupted: a row is not as it was written.
        """
        return await self._ledger.decisions(subject, limit=MOST_SHOWN)

    async def waiting(self, subject: str) -> list[Event]:
        """Its events that head office does not have yet, by stream and in order.

        Raises:
            StorageUnavailable: the disk does not answer.
        """
        return await self._outbox.of_subject(subject)

    async def seek(self, subject: str) -> None:
        """Find its events beside the writer, so that taking them away holds nothing up.

        Raises:
            StorageUnavailable: the disk does not answer.
        """
        self._erasures.expect(subject, await self._outbox.holding(subject))

    def outcome(self, subject: str) -> ErasedRows | None:
        """What an erasure took, told once."""
        return self._erasures.outcome(subject)
