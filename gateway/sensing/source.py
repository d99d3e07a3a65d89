"""What a source is: something at the edge that senses, and hands inputs to the inbox."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

from gateway.model.filmed import Filmed
from gateway.model.inputs import DocumentReady, Input, ReceiverHealth
from gateway.model.store import StoreRef
from gateway.model.time import Now
from gateway.mqtt.options import MqttOptions
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox, Origin, TooManyAsks
from gateway.runtime.questions import Questions

NOWHERE: Final = StoreRef("", "", "")
FRAMES_WAITING: Final = 8
"""Frames of phones that wait to be looked at; a further one is refused."""


@dataclass(frozen=True, slots=True)
class Sensed:
    """One input from a source.

    `input` is None where something was read that means nothing to the shop, but has a position; `now` is set by a
    source with a time of its own, `origin` by one that can resend; `lossy` ones may be dropped under load (live radio).
    `reply` is set where somebody waits for what comes of it: it is given that once it is committed, or why it is not.
    """

    input: Input | None
    now: Now | None = None
    origin: Origin | None = None
    lossy: bool = False
    reply: Callable[[object], None] | None = None


class Timekeeper(Protocol):
    """The time of a source that has its own: the daemon then lives by it."""

    def __call__(self) -> Now:
        """The latest instant; only once `known`."""

    async def known(self) -> None:
        """Wait until there is a time."""


class Source(Protocol):
    """A source is entered, iterated once, and left.

    It may be entered again after a failure, and then says anew which of its receivers are up.
    """

    @property
    def name(self) -> str:
        """What its task and its condition are called: `source:` and this."""

    @property
    def timekeeper(self) -> Timekeeper | None:
        """Its own time; None = its inputs are stamped with the system's."""

    async def __aenter__(self) -> Self:
        """Take up what is needed: a device, a file, a socket."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""

    def __aiter__(self) -> AsyncIterator[Sensed]:
        """What it senses, in order; ends when there can be nothing more."""

    def committed(self, positions: Mapping[str, int]) -> None:
        """Hear how far each origin is covered by what was just committed."""


BestOffer = Callable[[str], Awaitable[Mapping[str, object] | None]]
"""The best open offer of a subject, in its language; None where it has none."""


async def _no_offer(_subject: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a source finds when the gateway starts.

    `directory` is the state directory, `positions` what earlier runs committed, `last` the last instant they stepped,
    `document` reads and verifies a document's file (its path, its name). `store` names this gateway, `mqtt` says how
    head office's broker is reached, if there is one. `filmed` are the frames that pages ask about.
    """

    directory: Path
    health: Health
    document: Callable[[Path, str], DocumentReady]
    best_offer: BestOffer = _no_offer
    positions: Mapping[str, int] = field(default_factory=dict)
    last: Now | None = None
    store: StoreRef = NOWHERE
    mqtt: MqttOptions | None = None
    filmed: Questions[Filmed] = field(default_factory=lambda: Questions(FRAMES_WAITING))


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One `[[sources]]` table: its `kind`, and the options of that kind."""

    kind: str
    options: Any


async def listen(source: Source, inbox: Inbox, begin: asyncio.Event) -> None:
    """Enter the source, and from `begin` on put what it senses into the inbox, until it ends."""
    async with source:
        await begin.wait()
        async for sensed in until_it_fails(source):
            if sensed.reply is not None and sensed.input is not None:
                sensed.reply(await _asked(inbox, sensed.input, sensed.now))
            elif sensed.lossy and sensed.input is not None:
                inbox.offer(sensed.input, now=sensed.now, origin=sensed.origin)
            else:
                await inbox.put(sensed.input, now=sensed.now, origin=sensed.origin)


async def until_it_fails(source: Source) -> AsyncIterator[Sensed]:
    """What an entered source senses; where it fails, also that whatever was up is down: nobody left for its silence.

    A recording, which has its own time, says by itself how its receivers stood.

    Raises:
        Exception: what the source failed with, after that.
    """
    up: dict[str, None] = {}
    try:
        async for sensed in source:
            match sensed.input:
                case ReceiverHealth(receiver, "up"):
                    up[receiver] = None
                case ReceiverHealth(receiver):
                    up.pop(receiver, None)
            yield sensed
    except Exception:
        for receiver in up if source.timekeeper is None else ():
            yield Sensed(ReceiverHealth(receiver, "down"))
        raise


async def _asked(inbox: Inbox, input: Input, now: Now | None) -> object:
    """What came of an input, or the trouble that kept it out."""
    try:
        return await inbox.ask(input, now=now)
    except (StorageUnavailable, TooManyAsks) as trouble:
        return trouble
