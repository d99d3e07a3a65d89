"""Head office's word about what it has, from the broker to the one writer."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from gateway.model.health import Condition
from gateway.model.inputs import Acked
from gateway.runtime.inbox import InboxClosed
from gateway.uplink.topics import AckTopic

PART: Final = "uplink:acks"

MAX_ACK_BYTES: Final = 256
"""A longer message is not even parsed (bytes)."""

SEQUENCE: Final = re.compile(r"[0-9]{1,20}", re.ASCII)


class Streams(Protocol):
    """What is known of our streams: `gateway.uplink.sender.Sender`, or a fake."""

    def sent(self, incarnation: str, stream: str) -> int | None:
        """The highest sequence that may have been sent; None for a stream that is not ours."""

    def acked(self, incarnation: str, stream: str, sequence: int) -> bool:
        """Head office has a stream up to `sequence`; False when that was known."""


class MalformedAck(ValueError):
    """A message on an ack topic that is no ack."""


def read_ack(payload: bytes) -> int:
    """The sequence up to which head office has a stream, of `{"acked": "00000000000000001234"}`.

    Raises:
        MalformedAck: `payload` is not of that form; keys of newer peers are ignored.
    """
    if len(payload) > MAX_ACK_BYTES:
        msg = f"an ack has at most {MAX_ACK_BYTES} bytes"
        raise MalformedAck(msg)
    try:
        message = json.loads(payload)
    except ValueError as error:
        raise MalformedAck("an ack has to be JSON") from error
    acked = message.get("acked") if isinstance(message, dict) else None
    if not isinstance(acked, str) or not SEQUENCE.fullmatch(acked):
        raise MalformedAck('an ack has to be {"acked": "…"} with up to 20 digits')
    return int(acked)


class Acks:
    """Takes acks that can be true and hands them on, the newest of each stream.

    An ack is cumulative, so a newer one replaces an older one that still waits: at most one waits for each stream.
    """

    def __init__(
        self,
        streams: Streams,
        incarnation: str,
        *,
        put: Callable[[Acked], Awaitable[None]],
        report: Callable[[Condition], None],
        outdated: Callable[[], None],
    ) -> None:
        """`outdated` is told that head office has more of `incarnation`, which is in force, than was ever given."""
        self._streams = streams
        self._incarnation = incarnation
        self._put = put
        self._report = report
        self._outdated = outdated
        self._waiting: dict[tuple[str, str], int] = {}
        self._arrived = asyncio.Event()
        self._sound = True

    def receive(self, topic: AckTopic, payload: bytes) -> None:
        """Take an ack from the broker; one that cannot be true is ignored and shown as health."""
        if not payload:
            return  # the retained ack was deleted at the broker
        sent = self._streams.sent(topic.incarnation, topic.stream)
        if sent is None:
            return  # of an earlier life, whose events are gone or were announced anew
        try:
            sequence = read_ack(payload)
        except MalformedAck as error:
            self._distrust("malformed", f"{error}; it came for class {topic.stream}", {"class": topic.stream})
            return
        if topic.incarnation != self._incarnation:
            sequence = min(sequence, sent)  # of a life that is over: what is left of it is had, and more
        if sequence > sent:
            hint = f"head office acknowledges {topic.stream} up to {sequence}, and only {sent} was sent; it is ignored"
            self._distrust("ahead", hint, {"class": topic.stream, "acked": sequence, "sent": sent})
            self._outdated()
            return
        if not self._sound:
            self._sound = True
            self._report(Condition(PART, "sound", "ok"))
        if self._streams.acked(topic.incarnation, topic.stream, sequence):
            self._waiting[topic.incarnation, topic.stream] = sequence
            self._arrived.set()

    async def run(self) -> None:
        """Hand acks on to the pipeline as it has room, until it takes nothing more."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            waiting, self._waiting = self._waiting, {}
            for (incarnation, stream), sequence in waiting.items():
                try:
                    await self._put(Acked(incarnation, stream, sequence))
                except InboxClosed:
                    return

    def _distrust(self, code: str, hint: str, values: Mapping[str, object]) -> None:
        self._sound = False
        self._report(Condition(PART, code, "warning", hint, values))
