"""The whole flow on one machine without Bluetooth: recorded and invented input into a real gateway, events out."""

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from simulators.authority import issue
from simulators.broker import Broker, free_port
from simulators.capture_player import CapturePlayer, PlayerOptions
from simulators.demo_figures import DemoFigures
from simulators.document_server import DocumentServer
from simulators.gateway_process import GatewayProcess
from simulators.head_office import HeadOffice
from simulators.scene import DemoEnd, DemoOptions, Scene, until_told
from simulators.shop import shop_lines
from simulators.stage import GATEWAY, Stage, office_stage, publish_documents


async def run_walk(options: DemoOptions, console: Console, told_to_stop: asyncio.Event) -> DemoEnd:
    """Play until the time is over or `told_to_stop`, let everything arrive, and count.

    Raises:
        BrokerError, ConnectionError: there is no broker to run it on.
        GatewayFailedError: the gateway did not start, died, or did not end well.
        PlaybackError: the gateway stopped taking lines.
    """
    stage = office_stage()
    with TemporaryDirectory(prefix="proximity-demo-") as folder:
        certificate = issue(Path(folder))
        async with (
            Broker(options.broker) as broker,
            HeadOffice(broker.url, stage.floor.as_store(GATEWAY)) as office,
            DocumentServer(certificate) as server,
        ):
            publish_documents(office, stage.floor, stage.cast.members, time.time(), server)
            gateway = GatewayProcess(
                Path(folder),
                store=office.store,
                floorplan=stage.floorplan,
                broker_url=broker.url,
                signer=office.signer,
                http=f"127.0.0.1:{free_port()}",
                environ={"PROXIMITY_TRUST__CA": str(certificate.authority)},
            )
            scene = Scene(console, broker, office, gateway)
            _introduce(scene, options)
            async with gateway:
                return await _play(scene, stage, options, told_to_stop)


async def _play(scene: Scene, stage: Stage, options: DemoOptions, told_to_stop: asyncio.Event) -> DemoEnd:
    gateway, begun_utc_s = scene.gateway, time.time()
    lines = shop_lines(stage.floor, stage.recording, stage.cast, begun_utc_s, options.seed)
    async with CapturePlayer(gateway.capture_socket, begun_utc_s, lines, PlayerOptions(hold=True)) as player:
        await gateway.while_alive(scene.ready())
        player.begin()
        async with scene.shown(lambda: player.committed):
            await gateway.while_alive(until_told(options.seconds, told_to_stop, player.done()))
            player.finish()
            await gateway.while_alive(player.done())
            await gateway.while_alive(scene.drained())
        await scene.ended()
        figures = DemoFigures.of(player.committed, scene.office, scene.outbox)
        return DemoEnd(figures, (*figures.shortfalls(), *scene.office.complaints))


def _introduce(scene: Scene, options: DemoOptions) -> None:
    length = "until Ctrl-C" if options.seconds is None else f"for {options.seconds:g} s"
    port = scene.broker.port
    scene.say(
        f"A shop on this machine, {length}: a recorded walk, round and round, and three invented members beside it",
        "(an Android phone and an iPhone that send member tokens, an app that reports beacons, a QR code scanned).",
        f"Gateway   python -m gateway run, its health at http://{scene.gateway.http}/healthz",
        f"Broker    {scene.broker.name} on port {port}; to listen in: mosquitto_sub -p {port} -v -t 'proximity/#'",
        "Head office signs campaigns and members, serves them by HTTPS, acknowledges every event and counts.",
    )
