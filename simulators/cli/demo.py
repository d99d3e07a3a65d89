"""`demo`: a shop, its gateway and its head office on this machine."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from simulators.bluez.bus import BusError
from simulators.broker import BrokerError
from simulators.capture_player import PlaybackError
from simulators.cli.stopping import told_to_stop
from simulators.gateway_process import GatewayFailedError
from simulators.scene import DemoEnd, DemoOptions
from simulators.shop_demo import run_shop
from simulators.walk_demo import run_walk

_Run = Callable[[DemoOptions, Console, asyncio.Event], Awaitable[DemoEnd]]


class BrokerChoice(StrEnum):
    """The brokers that a demo can run on."""

    mosquitto = "mosquitto"
    amqtt = "amqtt"


def demo(
    seconds: Annotated[float | None, typer.Option(help="End after this long; without it, at Ctrl-C.", min=1)] = None,
    broker: Annotated[BrokerChoice | None, typer.Option(help="Default: mosquitto where it is installed.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed is another day in the shop.")] = 1,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Keep events and truth in this folder; a walk has none.")
    ] = None,
    *,
    walk: Annotated[bool, typer.Option(help="A recorded walk instead, without Bluetooth on D-Bus.")] = False,
) -> None:
    """Open a shop around a real gateway, break things, count at head office, and prove that nothing is missing."""
    console = Console(stderr=True)
    options = DemoOptions(seconds, broker.value if broker else None, seed, output)
    if not walk and shutil.which("dbus-daemon") is None:
        console.print("There is no dbus-daemon here (apt install dbus), so this is the recorded walk.", markup=False)
        walk = True
    try:
        end = asyncio.run(_until_told(run_walk if walk else run_shop, options, console))
    except (BrokerError, BusError, ConnectionError, GatewayFailedError, PlaybackError) as error:
        console.print(f"The demo failed: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    except OSError as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error
    typer.echo(json.dumps(asdict(end.figures)))
    for each in end.wrong:
        console.print(f"The demo did not show what it should: {each}.", markup=False, highlight=False)
    raise typer.Exit(1 if end.wrong else 0)


async def _until_told(run: _Run, options: DemoOptions, console: Console) -> DemoEnd:
    with told_to_stop() as told:
        return await run(options, console, told)
