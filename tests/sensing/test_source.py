"""What becomes of a source that fails: what it heard by is down, and up again once it says so."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Self

import pytest

from gateway.model.inputs import Input, ReceiverHealth
from gateway.runtime.inbox import Inbox
from gateway.sensing.capture import CaptureTime
from gateway.sensing.source import Sensed, listen
from tests.integration.pipeline_shop import HandClock

TWO_UP = (ReceiverHealth("gw-1", "up"), ReceiverHealth("gw-2", "up"), ReceiverHealth("gw-2", "down"))


class Failing:
    """Says these, and fails."""

    name = "radio"

    def __init__(self, said: tuple[Input, ...], timekeeper: CaptureTime | None = None) -> None:
        self.timekeeper = timekeeper
        self._said = said

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def __aiter__(self) -> AsyncIterator[Sensed]:
        for each in self._said:
            yield Sensed(each)
        raise LookupError("the radio")

    def committed(self, positions: Mapping[str, int]) -> None:
        return


async def heard(source: Failing) -> list[Input | None]:
    inbox, begin = Inbox(HandClock()), asyncio.Event()
    begin.set()
    with pytest.raises(LookupError):
        await listen(source, inbox, begin)
    return [stamped.input for _ in range(len(inbox)) if (stamped := inbox.take()) is not None]


async def test_what_was_up_is_down_when_its_source_fails() -> None:
    assert await heard(Failing(TWO_UP)) == [*TWO_UP, ReceiverHealth("gw-1", "down")]


async def test_a_recording_says_itself_how_its_receivers_stood() -> None:
    assert await heard(Failing(TWO_UP, CaptureTime(None))) == [*TWO_UP]
