"""Processes that may be killed: a gateway, a broker that persists, and a consumer with its database."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

import psycopg

from gateway.storage.outbox import open_outbox
from gateway.storage.secret import find_secret
from gateway.uplink import wire
from simulators.capture_player import CapturePlayer
from simulators.signer import Signer
from tests.brokers import Mosquitto, mosquitto
from tests.scenarios import far_zones
from tests.scenarios.restartable_gateway import ROOT, RestartableGateway

Victim = Literal["gateway", "broker", "consumer"]
VICTIMS: Final[tuple[Victim, ...]] = ("gateway", "broker", "consumer")
PERSISTING: Final = ("persistence true", "autosave_interval 1")
READY_S: Final = 30.0
PAGE: Final = 100_000

Place = tuple[str, int, str]
"""Where an event is for ever: its stream's source, its sequence, its id."""


class ConsumedShop:
    """The three that may be killed, and the capture that plays on meanwhile.

    Attributes:
        committed: Every event that was found in the outbox of a gateway just killed.
    """

    def __init__(self, gateway: RestartableGateway, broker: Mosquitto, database: str, player: CapturePlayer) -> None:
        self.gateway = gateway
        self.player = player
        self.committed: set[Place] = set()
        self._broker = broker
        self._database = database
        self._consumer: Process | None = None
        self._heard: Counter[str] = Counter()

    async def start(self, one: Victim) -> None:
        """Start it; when this returns, a gateway says that it is ready, a consumer that it has subscribed."""
        if one == "broker":
            await self._broker.start()
        elif one == "consumer":
            self._consumer = await self._new_consumer()
            await self._said(self._consumer_log, "consuming")
        else:
            await self.gateway.start()
            await self._said(self.gateway.directory / "gateway.log", "event=ready")

    async def kill(self, one: Victim) -> None:
        """SIGKILL; a gateway's outbox is read as it was left."""
        if one == "broker":
            await self._broker.kill()
        elif one == "consumer":
            await self._kill_consumer()
        else:
            await self.gateway.kill()
            self.committed |= await self._left_behind()

    async def end(self) -> None:
        """Leave no process behind."""
        await self._kill_consumer()
        await self.gateway.end()

    async def table(self, query: str) -> list[tuple[Any, ...]]:
        """What the consumer's database answers."""
        async with await psycopg.AsyncConnection.connect(self._database) as connection:
            return await (await connection.execute(query)).fetchall()

    @property
    def _consumer_log(self) -> Path:
        return self.gateway.directory / "consumer.log"

    async def _said(self, log: Path, words: str) -> None:
        """Return when `words` are in `log` once more than at the last call for them."""
        before = self._heard[words]
        async with asyncio.timeout(READY_S):
            while (heard := log.read_text().count(words)) == before:
                await asyncio.sleep(0.02)
        self._heard[words] = heard

    async def _left_behind(self) -> set[Place]:
        state, found = self.gateway.directory / "state", set[Place]()
        async with open_outbox(state, find_secret(state)) as outbox:
            for stream in await outbox.standing():
                source = wire.source(far_zones.STORE, stream.incarnation, stream.stream)
                for event in await outbox.after(stream.incarnation, stream.stream, 0, PAGE):
                    found.add((source, event.sequence, event.id))
        return found

    async def _new_consumer(self) -> Process:
        options = ("--url", self._broker.url, "--database", self._database)
        command = (sys.executable, "-m", "simulators", "consumer", *options)
        with self._consumer_log.open("ab") as log:
            return await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=DEVNULL, stdout=log, stderr=log)

    async def _kill_consumer(self) -> None:
        if self._consumer is not None:
            assert self._consumer.returncode is None, self._consumer_log.read_text()
            self._consumer.send_signal(signal.SIGKILL)
            await self._consumer.wait()
            self._consumer = None


@asynccontextmanager
async def consumed_shop(directory: Path, database: str, player: CapturePlayer) -> AsyncIterator[ConsumedShop]:
    """A started chain; `player` plays into the socket of the gateway in `directory`."""
    signer = Signer()
    (directory / "broker").mkdir()
    persisting = (*PERSISTING, f"persistence_location {directory / 'broker'}/")
    async with mosquitto(directory / "broker", extra=persisting) as broker, player:
        gateway = RestartableGateway(directory, far_zones.STORE, signer, broker.url)
        gateway.write(far_zones.FLOORPLAN, far_zones.documents())
        shop = ConsumedShop(gateway, broker, database, player)
        try:
            await shop.start("consumer")
            await shop.start("gateway")
            yield shop
        finally:
            await shop.end()
