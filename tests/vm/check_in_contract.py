"""What a phone meets at the check-in service, whoever stands between: bluetoothd, or our simulation of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, Protocol

from gateway.codecs.check_in import ANSWER, CHALLENGE, CHECK_IN, LONGEST_VALUE, SERVICE, Answer, read_challenge
from simulators.bluez.phone import AttError, NotConnected
from simulators.check_in_phone import Central, hand_over, prepare
from simulators.member_card import MemberCard

NOT_READABLE, NOT_WRITABLE, NOT_AUTHORISED, TOO_LONG, UNKNOWN = 0x02, 0x03, 0x08, 0x0D, 0x0A
SMALLEST_MTU: Final = 23
BACK_S: Final = 60.0
"""How long it may take until a phone that left, or another, can connect again (seconds)."""


class Phone(Central, Protocol):
    """A phone that can go away again."""

    def leave(self) -> None:
        """End the connection."""


Near = Callable[[str, int], Phone]
"""Brings a phone of an address near, which agrees to an MTU."""


async def met(near: Near, card: MemberCard) -> None:
    """All of it, each on connections of its own. `card` is one that is welcome.

    Raises:
        AssertionError: something was otherwise.
    """
    await one_checks_in_however_short_the_pieces(near, card)
    await nothing_is_read_or_written_that_may_not_be(near, card)
    await a_challenge_is_good_once_and_on_its_own_connection(near, card)


async def one_checks_in_however_short_the_pieces(near: Near, card: MemberCard) -> None:
    for number, mtu in enumerate((185, SMALLEST_MTU, 517)):
        phone = await connected(near, f"5A:00:00:00:01:{number:02X}", mtu)
        assert (await check_in_over(phone, card)).refused is None, mtu
        phone.leave()


async def nothing_is_read_or_written_that_may_not_be(near: Near, card: MemberCard) -> None:
    phone = await connected(near, "5A:00:00:00:02:01", 185)
    assert await code_of(phone.write(CHECK_IN, b"\x01")) == NOT_AUTHORISED
    for uuid in (CHALLENGE, ANSWER):
        assert await code_of(phone.write(uuid, b"\x01")) == NOT_WRITABLE
    assert await code_of(phone.read(CHECK_IN)) == NOT_READABLE
    assert await code_of(phone.read("5c1a0009-7072-4f78-8000-70726f78696d")) == UNKNOWN
    assert await phone.read(ANSWER) == b""
    written = prepare(card, await phone.read(CHALLENGE))
    assert await code_of(phone.write(CHECK_IN, bytes(LONGEST_VALUE + 1))) == TOO_LONG
    assert await hand_over(phone, replace(written, value=written.value[:-1])) == Answer("check_in_unsealed")
    assert (await hand_over(phone, written)).refused is None
    phone.leave()


async def a_challenge_is_good_once_and_on_its_own_connection(near: Near, card: MemberCard) -> None:
    phone = await connected(near, "5A:00:00:00:03:01", 185)
    first = await phone.read(CHALLENGE)
    assert await phone.read(CHALLENGE) != first
    assert read_challenge(first).audience == card.credential.audience
    written = prepare(card, await phone.read(CHALLENGE))
    assert (await hand_over(phone, written)).refused is None
    assert await hand_over(phone, written) == Answer("check_in_replayed")
    phone.leave()
    other = await connected(near, "5A:00:00:00:03:02", 185)
    assert await code_of(other.write(CHECK_IN, written.value)) == NOT_AUTHORISED
    await other.read(CHALLENGE)
    assert await hand_over(other, written) == Answer("code_other_challenge")
    other.leave()


async def connected(near: Near, address: str, mtu: int) -> Phone:
    """A phone that is connected, as soon as the service is advertised."""
    phone = near(address, mtu)
    async with asyncio.timeout(BACK_S):
        while True:
            try:
                phone.connect(SERVICE)
            except NotConnected:
                await asyncio.sleep(0.1)
            else:
                return phone


async def check_in_over(phone: Phone, card: MemberCard) -> Answer:
    return await hand_over(phone, prepare(card, await phone.read(CHALLENGE)))


async def code_of(attempt: Awaitable[object]) -> int:
    """With which code ATT refuses it."""
    try:
        await attempt
    except AttError as refused:
        return refused.code
    raise AssertionError("it was allowed")
