"""Acks: taken when they can be true, shown as health when they cannot."""

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.health import Condition
from gateway.model.inputs import Acked
from gateway.uplink.acks import Acks, MalformedAck, read_ack
from gateway.uplink.topics import AckTopic

OURS = "9f2c44d01b7ae583"
EARLIER = "77aa00b1c2d3e4f5"
VISITS = AckTopic(OURS, "visit")


class SentUpTo:
    """Ten visits were sent, of this life and of the one before."""

    def __init__(self) -> None:
        self.known = 0

    def sent(self, incarnation: str, stream: str) -> int | None:
        return 10 if incarnation in {OURS, EARLIER} and stream == "visit" else None

    def acked(self, incarnation: str, stream: str, sequence: int) -> bool:
        news = sequence > self.known
        self.known = max(self.known, sequence)
        return news


class Desk:
    """Acks with everything they say noted."""

    def __init__(self) -> None:
        self.streams = SentUpTo()
        self.taken: list[Acked] = []
        self.conditions: list[Condition] = []
        self.outdated = 0
        self.acks = Acks(self.streams, OURS, put=self._put, report=self.conditions.append, outdated=self._find_outdated)

    async def hand_on(self) -> list[Acked]:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                await self.acks.run()
        return self.taken

    def _find_outdated(self) -> None:
        self.outdated += 1

    async def _put(self, acked: Acked) -> None:
        self.taken.append(acked)


async def test_the_newest_ack_of_a_stream_is_handed_on() -> None:
    desk = Desk()
    for sequence in (3, 7, 5):
        desk.acks.receive(VISITS, b'{"acked": "%020d"}' % sequence)
    assert await desk.hand_on() == [Acked(OURS, "visit", 7)]
    assert desk.conditions == []


async def test_an_ack_above_what_was_sent_is_ignored_and_shown() -> None:
    desk = Desk()
    desk.acks.receive(VISITS, b'{"acked": "11"}')
    assert await desk.hand_on() == []
    assert [condition.code for condition in desk.conditions] == ["ahead"]
    desk.acks.receive(VISITS, b'{"acked": "10"}')
    assert await desk.hand_on() == [Acked(OURS, "visit", 10)]
    assert [condition.severity for condition in desk.conditions] == ["warning", "ok"]
    assert desk.outdated == 1, "head office has more of this life than was ever given"


async def test_of_a_life_that_is_over_head_office_may_have_more_than_is_known_here() -> None:
    desk = Desk()
    desk.acks.receive(AckTopic(EARLIER, "visit"), b'{"acked": "11"}')
    assert await desk.hand_on() == [Acked(EARLIER, "visit", 10)]
    assert (desk.conditions, desk.outdated) == ([], 0)


async def test_acks_of_unknown_streams_and_deleted_acks_are_passed_over() -> None:
    desk = Desk()
    desk.acks.receive(AckTopic("0" * 16, "visit"), b'{"acked": "1"}')
    desk.acks.receive(VISITS, b"")
    assert await desk.hand_on() == []
    assert desk.conditions == []


@pytest.mark.parametrize(
    "payload", [b"no", b"[]", b"{}", b'{"acked": 7}', b'{"acked": "-1"}', b'{"acked": "\xd9\xa1"}', b"[" * 100_000]
)
async def test_what_is_no_ack_is_ignored_and_shown(payload: bytes) -> None:
    desk = Desk()
    desk.acks.receive(VISITS, payload)
    assert await desk.hand_on() == []
    assert [condition.code for condition in desk.conditions] == ["malformed"]


@given(st.binary(max_size=300))
def test_no_payload_does_worse_than_be_malformed(payload: bytes) -> None:
    with contextlib.suppress(MalformedAck):
        assert read_ack(payload) >= 0
