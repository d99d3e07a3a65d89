"""The outbox as its readers see it: what head office does not have yet, in order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiosqlite

from gateway.model.event import Event
from gateway.storage.connection import open_sealed, read_rows
from gateway.storage.rows import open_event
from gateway.storage.sealing import Sealer
from gateway.storage.standing import StreamStanding, read_standing

_AFTER: Final = """SELECT sequence, day, body FROM outbox
    WHERE incarnation = ? AND stream = ? AND sequence > ? ORDER BY sequence LIMIT ?"""


class Outbox:
    """Reads what is committed, while the writer goes on."""

    def __init__(self, connection: aiosqlite.Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    async def after(self, incarnation: str, stream: str, sequence: int, limit: int) -> list[Event]:
        """The next events of a stream after `sequence`, at most `limit`, in order.

        A gap before an event is covered by that event: it is an `event.dropped` for the range.

        Raises:
            Corrupted: a row is not as it was written.
            DayKeyGone: a row was sealed on a day whose key is deleted.
        """
        rows = await read_rows(self._connection, _AFTER, (incarnation, stream, sequence, limit))
        await learn_keys(self._connection, self._sealer, {day for _, day, _ in rows})
        return [open_event(incarnation, stream, place, day, body, self._sealer) for place, day, body in rows]

    async def standing(self) -> list[StreamStanding]:
        """Where each stream of this incarnation stands, in falling priority."""
        return await read_standing(self._connection)


@asynccontextmanager
async def open_outbox(directory: Path, secret: bytes) -> AsyncIterator[Outbox]:
    """The outbox in `directory`, read-only.

    Raises:
        Unreadable: there is no database, or it cannot be read.
        SchemaTooNew: it needs newer code.
        SecretRefused: it is sealed with another secret.
    """
    async with open_sealed(directory, secret) as (connection, sealer):
        yield Outbox(connection, sealer)


async def learn_keys(connection: aiosqlite.Connection, sealer: Sealer, days: set[int]) -> None:
    """Show the sealer the stored keys if it lacks one of `days`: the writer makes new ones as days go by."""
    if not all(map(sealer.knows, days)):
        sealer.learn(dict(await read_rows(connection, "SELECT day, wrapped FROM day_keys")))
