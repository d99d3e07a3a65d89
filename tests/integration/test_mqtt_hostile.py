"""Brokers that do what no broker should: the session survives, stays small, says what is wrong, and tries again."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.integration.mqtt_side import Noted, listening, quick, session, until

WELCOME = b"\x20\x03\x00\x00\x00"
PINGRESP = b"\xd0\x00"
PINGREQ = 0xC0
PUBLISH = 0x30
SUBSCRIBE = 0x80

Packet = tuple[int, bytes]
Answer = Callable[[int, bytes], bytes | None]
"""What a broker says to a packet (its type and what follows the length); None: it hangs up."""


async def packet(reader: asyncio.StreamReader) -> Packet:
    kind = (await reader.readexactly(1))[0]
    length, shift = 0, 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return kind & 0xF0, await reader.readexactly(length)


def broker(answer: Answer, welcome: bytes = WELCOME) -> Callable[..., Awaitable[None]]:
    """A broker of MQTT 5 that says `welcome`, and then what `answer` makes of every packet."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await packet(reader)
        writer.write(welcome)
        while (said := answer(*await packet(reader))) is not None:
            writer.write(said)
            await writer.drain()

    async def until_it_hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except asyncio.IncompleteReadError:
            return

    return until_it_hangs_up


def correct(kind: int, body: bytes) -> bytes:
    """What a broker says that takes everything."""
    if kind == PINGREQ:
        return PINGRESP
    if kind == SUBSCRIBE:
        return b"\x90\x04" + body[:2] + b"\x00\x01"
    if kind == PUBLISH:
        return b"\x40\x02" + packet_id(body)
    return b""


def packet_id(publish: bytes) -> bytes:
    topic_end = 2 + int.from_bytes(publish[:2], "big")
    return publish[topic_end : topic_end + 2]


def failures(noted: Noted) -> int:
    return sum(condition.severity == "error" for condition in noted.conditions)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x20\x03\x00\x00\xff",
        b"\x20\x03\x00\x07\x00",
        b"\x20\x01\x00",
        b"\x20\x00",
        b"\x20\x06\x00\xee\x03abc",
        b"\x20\x07\x00\x00\x04\xff\xff\xff\xff",
        b"\x20\x06\x00\x00\x03\x21\x00\x00",
        b"\x20\xff\xff\xff\xff\x7f",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x90\x04\x00\x01\x00\x01",
        b"\xff" * 64,
        bytes(64),
    ],
    ids=bytes.hex,
)
async def test_a_welcome_that_is_none_is_named_and_tried_again(garbage: bytes) -> None:
    async with (
        listening(broker(correct, garbage)) as port,
        session(quick(f"mqtt://127.0.0.1:{port}", connect_timeout_s=0.4), subscriptions=["a"]) as noted,
    ):
        await until(lambda: failures(noted) >= 2)
        assert "connected" not in noted.codes


@pytest.mark.parametrize(
    "garbage",
    [
        WELCOME,
        b"\x90\x03\x00\x63\x00",
        b"\x40\x02\x03\xe7",
        b"\x40\x00",
        b"\x40\x01\x00",
        b"\x40\x04\x00\x01\xfe\x00",
        b"\x50\x02\x03\xe7",
        b"\x62\x02\x03\xe7",
        b"\x70\x02\x03\xe7",
        b"\xb0\x04\x00\x63\x00\x00",
        b"\xd0\x00",
        b"\xd0\x01\x00",
        b"\xe0\x02\x8e\x00",
        b"\xe0\x01\xff",
        b"\xf0\x02\x00\x00",
        b"\x00\x00",
        b"\x30\x00",
        b"\x30\x03\x00\xff\x61",
        b"\x30\x05\x00\x01\xff\x00x",
        b"\x30\x05\x00\x01#\x00x",
        b"\x30\x06\x00\x00\x03\x23\x00\x09",
        b"\x30\x05\x00\x01a\x09x",
        b"\x32\x04\x00\x01a\x00",
        b"\x36\x06\x00\x01a\x00\x01\x00",
        b"\x30\xff\xff\xff\xff\x7f",
        b"\x30\xff\xff\xff\x7f",
    ],
    ids=bytes.hex,
)
async def test_after_garbage_in_the_middle_messages_are_taken_and_answered_again(garbage: bytes) -> None:
    spoiled = False

    def answer(kind: int, body: bytes) -> bytes:
        nonlocal spoiled
        first, spoiled = kind == PUBLISH and not spoiled, spoiled or kind == PUBLISH
        return (garbage if first else b"") + correct(kind, body)

    async with listening(broker(answer)) as port, session(quick(f"mqtt://127.0.0.1:{port}", keepalive_s=5)) as noted:

        async def published() -> bool:
            await noted.session.connected()
            return (await noted.session.publish("b", b"x")).accepted

        async with asyncio.timeout(15):
            while True:
                try:
                    if await published():
                        break
                except ConnectionError:
                    continue


@pytest.mark.parametrize("suback", [b"\x90\x03\x00\x01\x00", b"\x90\x06\x00\x01\x00\x01\x01\x01", b"\x90\x02\x00\x01"])
async def test_a_subscription_answered_with_too_little_or_too_much_is_tried_again(suback: bytes) -> None:
    def answer(kind: int, body: bytes) -> bytes:
        return suback if kind == SUBSCRIBE else correct(kind, body)

    async with (
        listening(broker(answer)) as port,
        session(quick(f"mqtt://127.0.0.1:{port}", connect_timeout_s=0.4), subscriptions=["a"]) as noted,
    ):
        await until(lambda: failures(noted) >= 2)


async def test_a_broker_that_hangs_up_on_a_subscription_is_named() -> None:
    def answer(kind: int, body: bytes) -> bytes | None:
        return None if kind == SUBSCRIBE else correct(kind, body)

    async with (
        listening(broker(answer)) as port,
        session(quick(f"mqtt://127.0.0.1:{port}"), subscriptions=["a"]) as noted,
    ):
        await until(lambda: noted.codes.count("lost") >= 2)


async def test_a_broker_that_answers_pings_and_nothing_else_is_given_up() -> None:
    def answer(kind: int, body: bytes) -> bytes:
        return correct(kind, body) if kind == PINGREQ else b""

    async with listening(broker(answer)) as port:
        options = quick(f"mqtt://127.0.0.1:{port}", connect_timeout_s=0.4)
        async with session(options, subscriptions=["a"]) as noted:
            await until(lambda: failures(noted) >= 2)


@pytest.mark.slow
async def test_a_broker_that_takes_messages_and_never_says_so_is_given_up() -> None:
    told = 0

    def answer(kind: int, body: bytes) -> bytes:
        nonlocal told
        told += kind == PUBLISH
        return b"" if kind == PUBLISH and told > 1 else correct(kind, body)

    async with (
        listening(broker(answer)) as port,
        session(quick(f"mqtt://127.0.0.1:{port}", keepalive_s=5, in_flight=10)) as noted,
    ):
        lost = await noted.session.connected()
        answers = [noted.session.publish_nowait("b", b"x") for _ in range(10)]
        assert noted.session.room == 0
        await asyncio.wait_for(asyncio.shield(lost), 25)
        assert all(isinstance(each.exception(), ConnectionError) for each in answers)
        await until(lambda: "lost" in noted.codes)
        assert "PUBACK" in noted.conditions[-1].hint


async def test_a_flood_whose_acknowledgements_nobody_reads_costs_no_memory() -> None:
    flood = b"".join(b"\x32\x06\x00\x01a" + n.to_bytes(2, "big") + b"\x00" for n in range(1, 60_000))
    done = asyncio.Event()

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await packet(reader)
        writer.write(WELCOME)
        for _ in range(2):
            writer.write(correct(*await packet(reader)))
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        try:
            async with asyncio.timeout(1):
                for _ in range(200):
                    writer.write(flood)
                    await writer.drain()
        except TimeoutError:
            pass
        finally:
            done.set()
        await asyncio.sleep(60)

    async with listening(pour) as port, session(quick(f"mqtt://127.0.0.1:{port}"), subscriptions=["a"]) as noted:
        await noted.session.connected()
        noted.messages = _Forgetful()
        await done.wait()
        connection = noted.session._connection
        assert connection is not None
        assert len(connection._client._out_packet) < 60_000  # type: ignore[attr-defined]


class _Forgetful(list):  # type: ignore[type-arg]
    def append(self, _message: object) -> None:
        """Forget it."""
