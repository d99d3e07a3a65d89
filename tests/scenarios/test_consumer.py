"""Two consumers share a fleet's events; they are killed, or hang: every event is in the table exactly once."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Iterator

import psycopg
import pytest

from simulators.broker import Broker, mosquitto_path
from simulators.consumer.announcer import CLIENT_ID, TELLERS_LOCK
from simulators.consumer.topics import ack_topic
from simulators.fleet.fleet import FleetFigures, FleetOptions, run_fleet
from simulators.link import Link, LinkOptions
from tests.postgres import postgres, why_not

REASON = why_not() or (None if mosquitto_path() else "mosquitto is not installed: apt install mosquitto")
KILL_EVERY_S = 3.0
PATIENCE_S = 90.0
TELLER = f"""SELECT pid FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32 | objid::bigint) = {TELLERS_LOCK}"""  # noqa: S608, a number of ours

Misfortune = Callable[[str, str, list[Process], asyncio.Event], Awaitable[None]]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(REASON is not None, reason=str(REASON))]


@pytest.fixture
def database() -> Iterator[str]:
    with postgres() as address:
        yield address


class Witness:
    """Hears every ack, and looks at once whether the table already has all that it speaks of."""

    def __init__(self, url: str, database: str) -> None:
        self.heard: dict[str, list[int]] = {}
        self.beyond: list[str] = []
        self.checked = 0
        self._database = database
        self._acks: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self.link = Link(url, ("proximity/v1/+/+/+/acks/+/+",), self._hear, lambda: None)

    async def run(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._database, autocommit=True) as table:
            while True:
                topic, acked = await self._acks.get()
                _, _, tenant, store, gateway, _, incarnation, stream = topic.split("/")
                source = f"/tenants/{tenant}/stores/{store}/gateways/{gateway}/streams/{incarnation}/{stream}"
                assert ack_topic(source) == topic
                query = "SELECT count(DISTINCT sequence) FROM events WHERE source = %s AND sequence <= %s"
                stored = await (await table.execute(query, [source, acked])).fetchone()
                self.checked += 1
                if stored is None or stored[0] != acked:
                    self.beyond.append(f"{topic}: {acked}, and {stored} are stored")

    def _hear(self, topic: str, payload: bytes, _retained: bool) -> None:
        acked = int(json.loads(payload)["acked"])
        self.heard.setdefault(topic, []).append(acked)
        self._acks.put_nowait((topic, acked))


async def started(url: str, database: str) -> Process:
    command = (sys.executable, "-m", "simulators", "consumer", "--url", url, "--database", database)
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)


async def killed(process: Process) -> None:
    assert process.returncode is None
    process.send_signal(signal.SIGKILL)
    await process.communicate()


async def take_turns_dying(url: str, database: str, consumers: list[Process], _over: asyncio.Event) -> None:
    """Kill the older consumer again and again, the one that tells first of all, and start another."""
    while True:
        await asyncio.sleep(KILL_EVERY_S)
        await killed(consumers.pop(0))
        consumers.append(await started(url, database))
        await somebody_tells(database)


async def hang_and_wake(_url: str, database: str, consumers: list[Process], over: asyncio.Event) -> None:
    """Stop the one that tells until the other does, and let it go on where it was."""
    await asyncio.sleep(1)
    before = await somebody_tells(database)
    consumers[0].send_signal(signal.SIGSTOP)
    while await somebody_tells(database) == before:
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    consumers[0].send_signal(signal.SIGCONT)
    await asyncio.sleep(1)
    over.set()
    await asyncio.Event().wait()


async def rows(database: str, query: str) -> list[tuple[object, ...]]:
    async with await psycopg.AsyncConnection.connect(database) as table:
        return await (await table.execute(query)).fetchall()


async def somebody_tells(database: str) -> object:
    """Return when a consumer holds the lock of whoever tells; the id of its session."""
    async with asyncio.timeout(PATIENCE_S):
        while (tellers := await rows(database, TELLER)) == []:
            await asyncio.sleep(0.1)
        return tellers


async def figures_of(
    url: str, database: str, witness: Witness, misfortune: Misfortune, options: FleetOptions
) -> FleetFigures:
    """What becomes of a fleet's events while misfortune strikes one of two consumers after the other."""
    consumers = [await started(url, database)]
    await somebody_tells(database)
    consumers.append(await started(url, database))
    over = asyncio.Event()
    tasks = [asyncio.ensure_future(misfortune(url, database, consumers, over)), asyncio.create_task(witness.run())]
    try:
        async with witness.link:
            figures = await run_fleet([url], options, over)
            await asyncio.sleep(1)  # whoever woke up may say something yet
            assert not any(task.done() for task in tasks)
            return figures
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for each in consumers:
            await killed(each)


@pytest.mark.parametrize(
    ("misfortune", "options"),
    [
        (take_turns_dying, FleetOptions(gateways=20, rate=20.0, seconds=13.0, ack_timeout_s=2.0, drain_s=PATIENCE_S)),
        (hang_and_wake, FleetOptions(gateways=5, rate=10.0, seconds=PATIENCE_S, ack_timeout_s=1.0, drain_s=PATIENCE_S)),
    ],
)
async def test_whatever_befalls_a_consumer_every_event_is_stored_once(
    database: str, misfortune: Misfortune, options: FleetOptions
) -> None:
    async with Broker("mosquitto") as broker:
        witness = Witness(broker.url, database)
        figures = await figures_of(broker.url, database, witness, misfortune, options)
    assert (figures.missing, figures.acked) == (0, figures.sent)
    assert figures.sent > 400
    counted = await rows(database, "SELECT count(*), count(DISTINCT (source, id)) FROM events")
    assert counted == [(figures.sent, figures.sent)]
    assert await rows(database, "SELECT * FROM gaps") == []
    assert await rows(database, "SELECT * FROM discrepancies") == []
    assert witness.checked > 100
    assert witness.beyond == []
    assert all(acks == sorted(acks) for acks in witness.heard.values()), "an ack went back"


async def test_whoever_tells_next_ends_the_connection_of_the_one_before() -> None:
    async with Broker("mosquitto") as broker:
        options = LinkOptions(client_id=CLIENT_ID, comes_back=False)
        before = Link(broker.url, (), lambda *_: None, lambda: None, options)
        after = Link(broker.url, (), lambda *_: None, lambda: None, options)
        async with before, after:
            await asyncio.wait_for(before.lost(), 60)
            assert not before.publish("proximity/v1/a/b/c/acks/0/visit", b"{}", retain=True)
            assert after.up
