"""The courier: one reading at a time, and an answer is believed no further than what was sent."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from gateway.codecs.satellites.reading import Refusal, Taken, encode_taken
from gateway.core.forwarding import READING, Forwarding
from gateway.model.event import Event
from gateway.model.health import Condition
from gateway.model.inputs import Acked
from gateway.model.sighting import CodeText, Sighting
from gateway.model.time import Now
from gateway.mqtt.message import ACCEPTED, Published
from gateway.relay.courier import Courier, Kept

STREAM = "9f2c44d01b7ae583"
TOPIC = "proximity/v1/acme/0042/gw-1/sightings"
NOW = Now(5.0, 1_700_000_000.0, "synced", "boot-1")


class Shelf:
    """The outbox's reading side over a list."""

    def __init__(self) -> None:
        self._forwarding = Forwarding(STREAM, bytes(32))
        self.events: list[Event] = []

    def read(self, text: str) -> None:
        self.events += self._forwarding.step(Sighting("code", "cam-1", CodeText("qr_code", text)), NOW).events

    async def after(self, incarnation: str, stream: str, sequence: int, limit: int) -> list[Event]:
        assert (incarnation, stream) == (STREAM, READING)
        return [each for each in self.events if each.sequence > sequence][:limit]


class Line:
    """A link that never breaks: keeps the sequence of each reading that was sent."""

    room = 1

    def __init__(self) -> None:
        self.sent: asyncio.Queue[int] = asyncio.Queue()
        self._lost: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    async def connected(self) -> asyncio.Future[Exception]:
        return self._lost

    def publish_nowait(self, topic: str, payload: bytes) -> asyncio.Future[Published]:
        answer: asyncio.Future[Published] = asyncio.get_running_loop().create_future()
        answer.set_result(ACCEPTED)
        self.sent.put_nowait(json.loads(payload)["sequence"])
        return answer


class Satellite:
    """A courier over a shelf and a line; `acked` is what it took off, `outdated` how often others had more."""

    def __init__(self, taken: int = 0, given: int = 0) -> None:
        self.shelf, self.line = Shelf(), Line()
        self.acked: asyncio.Queue[int] = asyncio.Queue()
        self.codes: list[str] = []
        self.outdated = 0
        self.courier = Courier(
            self.line, self.shelf, [Kept(STREAM, taken, given)], TOPIC,
            now=lambda: NOW, put=self._put, report=self._report, outdated=self._find_outdated,
        )  # fmt: skip

    async def _put(self, acked: Acked) -> None:
        self.acked.put_nowait(acked.sequence)

    def _find_outdated(self) -> None:
        self.outdated += 1

    def _report(self, condition: Condition) -> None:
        self.codes.append(condition.code)

    def read(self, text: str) -> None:
        self.shelf.read(text)
        self.courier.wake()

    def answer(self, sequence: int, refused: Refusal | None = None) -> None:
        self.courier.receive(f"{TOPIC}/taken/{STREAM}", encode_taken(Taken(sequence, refused)))


@pytest.fixture
async def satellite() -> AsyncIterator[Satellite]:
    made = Satellite()
    carrying = asyncio.create_task(made.courier.run())
    yield made
    carrying.cancel()
    await asyncio.wait({carrying})


async def test_the_next_reading_goes_when_the_one_before_is_taken(satellite: Satellite) -> None:
    satellite.read("A7")
    satellite.read("B2")
    assert await satellite.line.sent.get() == 1
    assert satellite.line.sent.empty()
    satellite.answer(1)
    assert (await satellite.acked.get(), await satellite.line.sent.get()) == (1, 2)


async def test_an_answer_beyond_what_was_given_takes_nothing_and_says_that_others_have_more(
    satellite: Satellite,
) -> None:
    satellite.read("A7")
    assert await satellite.line.sent.get() == 1
    satellite.answer(2)
    assert satellite.outdated == 1
    satellite.answer(1)
    assert await satellite.acked.get() == 1
    satellite.read("B2")
    assert await satellite.line.sent.get() == 2
    satellite.answer(2)
    assert await satellite.acked.get() == 2
    assert satellite.outdated == 1


async def test_what_an_earlier_run_gave_may_be_taken_though_this_one_sent_nothing() -> None:
    satellite = Satellite(taken=3, given=5)
    satellite.answer(5)
    assert satellite.outdated == 0
    satellite.answer(6)
    assert satellite.outdated == 1


async def test_a_reading_that_is_refused_is_said_and_the_next_one_goes(satellite: Satellite) -> None:
    satellite.read("A7")
    satellite.read("B2")
    await satellite.line.sent.get()
    satellite.answer(1, "unknown_receiver")
    assert (await satellite.acked.get(), await satellite.line.sent.get()) == (1, 2)
    satellite.answer(2)
    assert await satellite.acked.get() == 2
    assert satellite.codes == ["passed_over", "taken"]
