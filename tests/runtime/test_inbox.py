"""The inbox: bounds, loss policies, stamps and answers."""

import asyncio

import pytest

from gateway.model.inputs import OperatorNotice, ReceiverHealth
from gateway.model.time import Now
from gateway.runtime.inbox import Inbox, InboxClosed, Stamped, TooManyAsks

UP = ReceiverHealth("gw-1", "up")
DOWN = ReceiverHealth("gw-1", "down")


class HandClock:
    """A clock moved by the test."""

    def __init__(self) -> None:
        self.mono_s = 100.0

    def __call__(self) -> Now:
        return Now(self.mono_s, 1_800_000_000.0 + self.mono_s, "synced", "boot")


async def taken(inbox: Inbox) -> Stamped:
    await inbox.arrival(1.0)
    stamped = inbox.take()
    assert stamped is not None
    return stamped


async def test_offer_drops_and_counts_when_full() -> None:
    inbox = Inbox(HandClock(), capacity=2)
    assert [inbox.offer(UP) for _ in range(5)] == [True, True, False, False, False]
    assert inbox.dropped == 3
    assert len(inbox) == 2


async def test_put_waits_for_room_and_loses_nothing() -> None:
    inbox = Inbox(HandClock(), capacity=2)
    notices = [OperatorNotice("telemetry", "beacon.reported", {"n": n}) for n in range(20)]

    async def put_all() -> None:
        for notice in notices:
            await inbox.put(notice)

    async with asyncio.TaskGroup() as group:
        putting = group.create_task(put_all())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(inbox) == 2
        assert not putting.done()
        received = [(await taken(inbox)).input for _ in notices]
    assert received == notices
    assert inbox.dropped == 0


async def test_nothing_arrives_within_a_timeout() -> None:
    inbox = Inbox(HandClock())
    await inbox.arrival(0.001)
    assert inbox.take() is None


async def test_who_waits_wakes_for_an_input() -> None:
    inbox = Inbox(HandClock())
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        waiting = group.create_task(inbox.arrival(None))
        await asyncio.sleep(0)
        assert not waiting.done()
        inbox.offer(UP)
    assert (await taken(inbox)).input == UP


async def test_stamps_never_go_back_within_a_boot() -> None:
    clock = HandClock()
    inbox = Inbox(clock)
    inbox.offer(UP)
    clock.mono_s = 90.0
    inbox.offer(DOWN)
    inbox.offer(UP, now=Now(95.0, 0.0, "unset", "boot"))
    inbox.offer(DOWN, now=Now(3.0, 0.0, "unset", "another boot"), origin=("capture:x", 1))
    stamps = [await taken(inbox) for _ in range(4)]
    assert [stamp.now.mono_s for stamp in stamps] == [100.0, 100.0, 100.0, 3.0]
    assert stamps[3].origin == ("capture:x", 1)


async def test_ask_returns_the_answer_given_later() -> None:
    inbox = Inbox(HandClock())
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(inbox.ask(UP))
        stamped = await taken(inbox)
        assert stamped.reply is not None
        stamped.reply.set_result("reserved")
    assert asking.result() == "reserved"


async def test_waiting_asks_are_bounded() -> None:
    inbox = Inbox(HandClock(), max_asks=1)
    first = asyncio.create_task(inbox.ask(UP))
    await asyncio.sleep(0)
    with pytest.raises(TooManyAsks, match="1 requests wait"):
        await inbox.ask(UP)
    (await taken(inbox)).reply.set_result(1)  # type: ignore[union-attr]
    await first
    second = asyncio.create_task(inbox.ask(UP))
    (await taken(inbox)).reply.set_result(2)  # type: ignore[union-attr]
    assert await second == 2


async def test_who_is_not_bounded_is_let_in_however_many_wait() -> None:
    inbox = Inbox(HandClock(), max_asks=1)
    first = asyncio.create_task(inbox.ask(UP))
    await asyncio.sleep(0)
    last = asyncio.create_task(inbox.ask(DOWN, bounded=False))
    for answer in ("first", "last"):
        (await taken(inbox)).reply.set_result(answer)  # type: ignore[union-attr]
    assert (await first, await last) == ("first", "last")


async def test_an_asker_who_waited_for_room_is_refused_when_storage_fails_meanwhile() -> None:
    inbox = Inbox(HandClock(), capacity=1)
    inbox.offer(UP)
    asking = asyncio.create_task(inbox.ask(DOWN))
    await asyncio.sleep(0)
    inbox.shed(OSError("disk is full"))
    with pytest.raises(OSError, match="disk is full"):
        async with asyncio.timeout(10):
            await asking
    assert len(inbox) == 0


async def test_shedding_drops_radio_answers_asks_and_keeps_the_rest() -> None:
    inbox = Inbox(HandClock())
    inbox.offer(UP)
    await inbox.put(DOWN)
    asking = asyncio.create_task(inbox.ask(UP))
    await asyncio.sleep(0)
    trouble = OSError("disk is full")
    inbox.shed(trouble)
    with pytest.raises(OSError, match="disk is full"):
        await asking
    with pytest.raises(OSError, match="disk is full"):
        await inbox.ask(UP)
    assert not inbox.offer(UP)
    assert inbox.dropped == 2
    await inbox.put(UP)
    inbox.resume()
    assert inbox.offer(DOWN)
    assert [(await taken(inbox)).input for _ in range(3)] == [DOWN, UP, DOWN]


async def test_a_closed_inbox_gives_what_it_holds_then_nothing() -> None:
    inbox = Inbox(HandClock(), capacity=1)
    await inbox.put(UP)
    waiting = asyncio.create_task(inbox.put(DOWN))
    await asyncio.sleep(0)
    inbox.close()
    with pytest.raises(InboxClosed):
        await waiting
    assert not inbox.offer(UP)
    states = [inbox.exhausted]
    assert (await taken(inbox)).input == UP
    states.append(inbox.exhausted)
    assert states == [False, True]
    await inbox.arrival(None)
    assert inbox.take() is None
