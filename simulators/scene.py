"""A running demo: broker, head office and gateway, and what both demos do with them from begin to end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from simulators.broker import Broker, BrokerName
from simulators.demo_figures import DemoFigures
from simulators.gateway_process import GatewayFailedError, GatewayProcess, Standing
from simulators.head_office import HeadOffice
from simulators.live_line import LiveLine
from simulators.stage import DOCUMENTS, GATEWAY

_READY_S: Final = 30.0
_DRAIN_S: Final = 60.0
_SHOW_S: Final = 0.25
_LOOK_S: Final = 5.0
_POLL_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """How a demo runs: for how long (None = until told), on which broker (None = the best there is), by which seed.

    Attributes:
        folder: Where events and truth are kept; None = beside the gateway's files, which go at the end.
    """

    seconds: float | None = None
    broker: BrokerName | None = None
    seed: int = 1
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class DemoEnd:
    """What a demo counted, and what is wrong with it in words (nothing, if it went as it should)."""

    figures: DemoFigures
    wrong: tuple[str, ...]


@dataclass(slots=True)
class Scene:
    """The parts of a running demo; `outbox` is what the gateway's command said last."""

    console: Console
    broker: Broker
    office: HeadOffice
    gateway: GatewayProcess
    outbox: Sequence[Standing] = ()

    async def ready(self) -> None:
        """Return when head office knows of the gateway's start, and has its answer for every document.

        Raises:
            GatewayFailedError: it refused a document, or said nothing for 30 s.
        """
        office = self.office

        def told() -> bool:
            answered = all((GATEWAY, name) in office.statuses for name in DOCUMENTS)
            return answered and office.count("gateway.started") > 0

        with suppress(TimeoutError):
            await office.until(told, _READY_S)
        for name in DOCUMENTS:
            match office.statuses.get((GATEWAY, name)):
                case None:
                    raise self.gateway.failure(f"did not answer for its {name} document within {_READY_S:.0f} s")
                case {"status": "refused"} as answer:
                    raise self.gateway.failure(f"refused the {name} document: {answer}")
        if not office.count("gateway.started"):
            raise self.gateway.failure(f"did not tell head office of its start within {_READY_S:.0f} s")

    async def drained(self) -> None:
        """Return when the gateway's outbox is empty.

        Raises:
            GatewayFailedError: it still was not after 60 s.
        """
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + _DRAIN_S
        while True:
            self.outbox = await self.gateway.outbox()
            waiting = sum(stream.depth for stream in self.outbox)
            if not waiting:
                return
            if loop.time() > deadline_s:
                raise self.gateway.failure(f"still had {waiting} events in its outbox after {_DRAIN_S:.0f} s")
            await asyncio.sleep(_POLL_S)

    async def ended(self) -> None:
        """Stop the gateway, and let the last acknowledgement arrive.

        Raises:
            GatewayFailedError: it did not end well.
        """
        await self.gateway.stop()
        self.outbox = await self.gateway.outbox()
        acked = sum(stream.acked for stream in self.outbox)
        with suppress(TimeoutError):
            await self.office.until(lambda: self.office.acked >= acked, _POLL_S)

    @asynccontextmanager
    async def shown(self, sightings: Callable[[], int], also: Callable[[], str] = str) -> AsyncIterator[None]:
        """Show the figures on a live line meanwhile; `also` gives what else is to be said."""
        with LiveLine(self.console) as line:
            showing = asyncio.create_task(self._show(sightings, also, line), name="demo-live-line")
            try:
                yield
            finally:
                showing.cancel()
                await asyncio.gather(showing, return_exceptions=True)

    def say(self, *lines: str) -> None:
        """Print lines as they are."""
        for line in lines:
            self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    async def _show(self, sightings: Callable[[], int], also: Callable[[], str], line: LiveLine) -> None:
        loop = asyncio.get_running_loop()
        look_s = loop.time()
        while True:
            if loop.time() >= look_s:
                with suppress(GatewayFailedError):
                    self.outbox = await self.gateway.outbox()
                look_s = loop.time() + _LOOK_S
            office, waiting = self.office, sum(stream.depth for stream in self.outbox)
            figures = (
                f"sightings {sightings():,} · visits {office.count('visit.started')}"
                f" · offers {office.count('offer.made')} · outbox {waiting} · received {office.received}"
                f" · acked {office.acked}"
            )
            line.show(" · ".join(filter(None, [figures, also()])), loop.time())
            await asyncio.sleep(_SHOW_S)


async def until_told(seconds: float | None, told_to_stop: asyncio.Event, playing: Awaitable[object]) -> None:
    """Wait for the end: time over, told, or `playing` over or failed."""
    stopped = asyncio.ensure_future(told_to_stop.wait())
    failed = asyncio.ensure_future(playing)
    try:
        await asyncio.wait({stopped, failed}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            failed.result()
    finally:
        stopped.cancel()
        failed.cancel()
        await asyncio.gather(stopped, failed, return_exceptions=True)
