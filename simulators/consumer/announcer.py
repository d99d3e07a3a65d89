"""Acks: what is committed without a hole, told to the gateways by one consumer at a time.

Why an ack is never wrong, and never takes one back, however many consumers there are and whichever dies:
1. `streams.contiguous` is computed by the database from what the stream's rows account for, in the transaction that
   stores them. The lock of the stream's row puts these transactions in order, and each only adds: it never falls.
2. An ack is read from a committed `streams` row, so whatever it covers is stored, and on disk (`synchronous_commit`).
3. One consumer tells: the one whose session holds the advisory lock. What it reads in turn it publishes in turn, on one
   connection, which a broker keeps in order for each topic.
4. A new teller comes in under the same MQTT client id. A broker that accepts it has ended the connection of the one
   before (MQTT 5, 3.1.4), so of that one nothing is taken any more: all it said was read before, and is no higher than
   what the new one reads after its CONNACK. It begins by telling every stream, so nothing is lost with the one before.
Should a broker not keep to 3. or 4., an ack may seem to go back, which gateways ignore; 1. and 2. need no broker.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Final

from psycopg import AsyncConnection, Error
from psycopg.rows import TupleRow

from simulators.consumer.event_table import connected
from simulators.consumer.topics import ack_topic
from simulators.link import Link, LinkOptions

CLIENT_ID: Final = "head-office-acks"
"""The client id of whoever tells: a broker keeps one connection under it."""

ACK_EVERY_S: Final = 0.1
"""Acks of a stream are at least this far apart (seconds)."""

WINDOW: Final = 1_000
"""Acks on their way to the broker; further ones wait in the table, where a newer one replaces them."""

# A process that hangs keeps its lock for ever: a session in which nothing was asked for so long is ended.
_PATIENCE: Final = "SET idle_session_timeout = '10s'"

TELLERS_LOCK: Final = 2_654_435_769_104_729_063
"""The advisory lock of whoever tells."""
_AGAIN_S: Final = 0.5

# Whoever locks several streams locks them in the order of their names, as storing does, so nobody waits in a circle.
_ALL: Final = """
WITH every AS (SELECT source FROM streams WHERE contiguous > 0 ORDER BY source FOR UPDATE)
UPDATE streams SET owed = true FROM every WHERE streams.source = every.source
"""
_OWED: Final = """
WITH due AS (SELECT source FROM streams WHERE owed ORDER BY source LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE streams SET owed = false FROM due WHERE streams.source = due.source
RETURNING streams.source, streams.contiguous
"""


class Announcer:
    """Waits for its turn to tell, and tells what is owed until it may no longer.

    Attributes:
        told: Acks published.
        telling: Whether it is this one's turn.
    """

    def __init__(self, url: str, database: str, say: Callable[[str], None]) -> None:
        """`say` takes a sentence for people whenever telling was interrupted."""
        self._url = url
        self._database = database
        self._say = say
        self.told = 0
        self.telling = False

    async def run(self) -> None:
        """Take turns with the other consumers for ever; what is lost ends the turn, and another one begins."""
        while True:
            try:
                await self._turn()
            except (Error, ConnectionError) as error:
                self._say(f"acks are interrupted ({type(error).__name__}), and begin again")
            self.telling = False
            await asyncio.sleep(_AGAIN_S)

    async def _turn(self) -> None:
        async with await connected(self._database) as session:
            await session.execute("SELECT pg_advisory_lock(%s)", [TELLERS_LOCK])
            await session.execute(_PATIENCE)
            options = LinkOptions(client_id=CLIENT_ID, comes_back=False)
            async with Link(self._url, (), _unheard, _unheard, options) as link:
                self.telling = True
                await session.execute(_ALL)
                while True:
                    await self._tell(session, link)
                    await asyncio.sleep(ACK_EVERY_S)

    async def _tell(self, session: AsyncConnection[TupleRow], link: Link) -> None:
        """Publish what is owed; a round that the broker has not taken yet is left to finish first."""
        if not link.up:
            msg = "the connection to the broker ended"
            raise ConnectionError(msg)
        if link.in_flight:
            return
        for source, contiguous in await (await session.execute(_OWED, [WINDOW])).fetchall():
            body = json.dumps({"acked": f"{contiguous:020d}"}, separators=(",", ":")).encode()
            if contiguous and link.publish(ack_topic(source), body, retain=True):
                self.told += 1


def _unheard(*_: object) -> None:
    """It listens to nothing."""
