"""The whole flow on one machine: recorded and invented input into a real gateway, acknowledged events out."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console

from simulators.broker import Broker, BrokerName, free_port
from simulators.capture_player import CapturePlayer, PlayerOptions
from simulators.demo_figures import DemoFigures
from simulators.gateway_process import GatewayFailedError, GatewayProcess, Standing
from simulators.head_office import HeadOffice
from simulators.live_line import LiveLine
from simulators.shop import shop_lines
from simulators.stage import DOCUMENTS, Stage, office_stage, publish_documents

_GATEWAY: Final = "gw-1"
_READY_S: Final = 30.0
_DRAIN_S: Final = 60.0
_SHOW_S: Final = 0.25
_LOOK_S: Final = 5.0
_POLL_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """How a demo runs: for how long (None = until told), on which broker (None = the best there is), by which seed."""

    seconds: float | None = None
    broker: BrokerName | None = None
    seed: int = 1


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


async def run_demo(options: DemoOptions, console: Console, told_to_stop: asyncio.Event) -> DemoEnd:
    """Play until the time is over or `told_to_stop`, let everything arrive, and count.

    Raises:
        BrokerError, ConnectionError: there is no broker to run it on.
        GatewayFailedError: the gateway did not start, died, or did not end well.
        PlaybackError: the gateway stopped taking lines.
    """
    stage = office_stage()
    with TemporaryDirectory(prefix="proximity-demo-") as folder:
        async with Broker(options.broker) as broker, HeadOffice(broker.url, stage.floor.as_store(_GATEWAY)) as office:
            publish_documents(stage, office, time.time())
            gateway = GatewayProcess(
                Path(folder),
                store=office.store,
                floorplan=stage.floorplan,
                broker_url=broker.url,
                signer=office.signer,
                http=f"127.0.0.1:{free_port()}",
            )
            scene = Scene(console, broker, office, gateway)
            _introduce(scene, options)
            async with gateway:
                return await _play(scene, stage, options, told_to_stop)


async def _play(scene: Scene, stage: Stage, options: DemoOptions, told_to_stop: asyncio.Event) -> DemoEnd:
    gateway, begun_utc_s = scene.gateway, time.time()
    lines = shop_lines(stage.floor, stage.recording, stage.cast, begun_utc_s, options.seed)
    async with CapturePlayer(gateway.capture_socket, begun_utc_s, lines, PlayerOptions(hold=True)) as player:
        await gateway.while_alive(_ready(scene))
        player.begin()
        with LiveLine(scene.console) as line:
            showing = asyncio.create_task(_show(scene, player, line), name="demo-live-line")
            try:
                await gateway.while_alive(_for(options.seconds, told_to_stop, player.done()))
                player.finish()
                await gateway.while_alive(player.done())
                await gateway.while_alive(_drained(scene))
            finally:
                showing.cancel()
                await asyncio.gather(showing, return_exceptions=True)
        await gateway.stop()
        scene.outbox = await gateway.outbox()
        acked = sum(stream.acked for stream in scene.outbox)
        with suppress(TimeoutError):
            await scene.office.until(lambda: scene.office.acked >= acked, _POLL_S)
        figures = DemoFigures.of(player.committed, scene.office, scene.outbox)
        return DemoEnd(figures, (*figures.shortfalls(), *scene.office.complaints))


async def _ready(scene: Scene) -> None:
    """Return when the gateway is online and has answered for every document.

    Raises:
        GatewayFailedError: it refused a document, or said nothing for 30 s.
    """
    office = scene.office
    with suppress(TimeoutError):
        await office.until(lambda: all((_GATEWAY, name) in office.statuses for name in DOCUMENTS), _READY_S)
    for name in DOCUMENTS:
        match office.statuses.get((_GATEWAY, name)):
            case None:
                raise scene.gateway.failure(f"did not answer for its {name} document within {_READY_S:.0f} s")
            case {"status": "refused"} as answer:
                raise scene.gateway.failure(f"refused the {name} document: {answer}")


async def _for(seconds: float | None, told_to_stop: asyncio.Event, playing: Awaitable[None]) -> None:
    """Wait for the end: time over, told, or playing failed."""
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


async def _drained(scene: Scene) -> None:
    """Return when the gateway's outbox is empty.

    Raises:
        GatewayFailedError: it still was not after 60 s.
    """
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + _DRAIN_S
    while True:
        scene.outbox = await scene.gateway.outbox()
        waiting = sum(stream.depth for stream in scene.outbox)
        if not waiting:
            return
        if loop.time() > deadline_s:
            raise scene.gateway.failure(f"still had {waiting} events in its outbox after {_DRAIN_S:.0f} s")
        await asyncio.sleep(_POLL_S)


async def _show(scene: Scene, player: CapturePlayer, line: LiveLine) -> None:
    loop = asyncio.get_running_loop()
    look_s = loop.time()
    while True:
        if loop.time() >= look_s:
            with suppress(GatewayFailedError):
                scene.outbox = await scene.gateway.outbox()
            look_s = loop.time() + _LOOK_S
        line.show(_words(scene, player), loop.time())
        await asyncio.sleep(_SHOW_S)


def _words(scene: Scene, player: CapturePlayer) -> str:
    office = scene.office
    waiting = sum(stream.depth for stream in scene.outbox)
    return (
        f"sightings {player.committed:,} · visits {office.count('visit.started')} · offers {office.count('offer.made')}"
        f" · outbox {waiting} · received {office.received} · acked {office.acked}"
    )


def _introduce(scene: Scene, options: DemoOptions) -> None:
    length = "until Ctrl-C" if options.seconds is None else f"for {options.seconds:g} s"
    port = scene.broker.port
    for text in (
        f"A shop on this machine, {length}: a recorded walk, round and round, and three invented members beside it",
        "(an Android phone and an iPhone that send member tokens, an app that reports beacons, a QR code scanned).",
        f"Gateway   python -m gateway run, its health at http://{scene.gateway.http}/healthz",
        f"Broker    {scene.broker.name} on port {port}; to listen in: mosquitto_sub -p {port} -v -t 'proximity/#'",
        "Head office signs campaigns and members, acknowledges every event and counts.",
    ):
        scene.console.print(text, markup=False, highlight=False, soft_wrap=True)
