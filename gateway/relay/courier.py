"""The courier: readings to the shop's gateway, one at a time, each until that has committed it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.codecs.satellites.reading import READINGS, TAKEN, Reading, Refusal, decode_taken, encode
from gateway.codecs.satellites.report import NotRead
from gateway.core.forwarding import READING, reading_of
from gateway.model.event import Event
from gateway.model.health import Condition
from gateway.model.inputs import Acked
from gateway.model.time import Now
from gateway.mqtt.message import NotConnected, Published
from gateway.relay.link import Link

PART: Final = "readings"
PATIENCE_S: Final = 5.0
"""A reading that is not taken within this is sent again (seconds)."""


class Outbox(Protocol):
    """Where readings wait: `gateway.storage.outbox.Outbox`, or a fake."""

    async def after(self, incarnation: str, stream: str, sequence: int, limit: int) -> list[Event]:
        """The next committed events of a stream after `sequence`, in order, at most `limit`."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An incarnation that may have readings left: the last one taken, and the last one given (0: none)."""

    incarnation: str
    taken: int
    given: int


class Courier:
    """Carries what is committed, in order; what this or an earlier incarnation kept.

    With one reading under way at a time, whatever the shop's gateway gets is the next that it has not, even where it
    lost its own memory: so it needs to know nothing but the last sequence to take each exactly once.
    """

    def __init__(
        self,
        link: Link,
        outbox: Outbox,
        streams: Iterable[Kept],
        topic: str,
        *,
        now: Callable[[], Now],
        put: Callable[[Acked], Awaitable[None]],
        report: Callable[[Condition], None],
        outdated: Callable[[], None],
    ) -> None:
        """`streams` are the incarnations that may have something left, that in force last; `topic` is where the shop's
        gateway hears its satellites; `outdated` is told that it has more of the one in force than was ever given.
        """
        self._link = link
        self._outbox = outbox
        kept = tuple(streams)
        self._taken = {each.incarnation: each.taken for each in kept}
        self._sent = dict(self._taken)
        self._current = kept[-1]
        self._topic = topic
        self._now = now
        self._put = put
        self._report = report
        self._outdated = outdated
        self._stir = asyncio.Event()
        self._refused: Refusal | None = None

    def wake(self) -> None:
        """Something was committed."""
        self._stir.set()

    def receive(self, topic: str, payload: bytes) -> None:
        """Hear how far a stream is taken; what is no such answer is not believed, nor one beyond what was sent."""
        incarnation = topic.removeprefix(f"{self._topic}/{TAKEN}/")
        with contextlib.suppress(NotRead):
            if incarnation in self._taken:
                told = decode_taken(payload)
                if self._is_ahead(incarnation, told.sequence):
                    self._outdated()
                    return
                taken = min(told.sequence, self._sent[incarnation])
                if taken > self._taken[incarnation]:
                    self._taken[incarnation], self._refused = taken, told.refused
                self._stir.set()

    async def run(self) -> None:
        """Carry for as long as the satellite lives, whenever there is a link."""
        while True:
            lost = await self._link.connected()
            lost.add_done_callback(lambda _: self._stir.set())
            while not lost.done():
                self._stir.clear()
                event = await self._next()
                if event is None:
                    await self._stir.wait()
                else:
                    await self._carry(event, lost)

    def _is_ahead(self, incarnation: str, taken: int) -> bool:
        current = self._current
        return incarnation == current.incarnation and taken > max(current.given, self._sent[incarnation])

    async def _next(self) -> Event | None:
        for incarnation, taken in self._taken.items():
            for event in await self._outbox.after(incarnation, READING, taken, 1):
                return event
        return None

    async def _carry(self, event: Event, lost: asyncio.Future[Exception]) -> None:
        """Send a reading and wait until it is taken, the link is lost, or it is to be sent again."""
        payload = encode(Reading(event.sequence, reading_of(event, self._now())))
        try:
            answer = self._link.publish_nowait(f"{self._topic}/{READINGS}/{event.incarnation}", payload)
        except NotConnected:
            return
        self._sent[event.incarnation] = event.sequence
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while not lost.done() and self._taken[event.incarnation] < event.sequence:
                    await self._stir.wait()
                    self._stir.clear()
        if self._taken[event.incarnation] >= event.sequence:
            self._report(Condition(PART, "taken", "ok") if self._refused is None else _passed_over(self._refused))
            await self._put(Acked(event.incarnation, READING, event.sequence))
        elif not lost.done():
            self._complain(answer)

    def _complain(self, answer: asyncio.Future[Published]) -> None:
        denied = answer.done() and answer.exception() is None and not answer.result().accepted
        if denied:
            hint = f"the broker refuses readings ({answer.result().reason}); check its ACL. They are kept"
            self._report(Condition(PART, "denied", "error", hint))
            return
        hint = "the shop's gateway takes no reading: is it up, and has it a source of satellites at this broker?"
        self._report(Condition(PART, "not_taken", "warning", f"{hint} They are kept and sent again"))


def _passed_over(why: Refusal) -> Condition:
    """Nothing came of a reading at the shop's gateway, which goes on with the next."""
    if why == "unknown_receiver":
        hint = "the shop's gateway does not name the receiver of the last reading in its source of satellites"
    else:
        hint = "the shop's gateway does not understand the last reading: update it before its satellites"
    return Condition(PART, "passed_over", "warning", f"{hint}. Nothing came of it; the next ones go on")
