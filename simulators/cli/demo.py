"""`demo`: a shop, its gateway and its head office on this machine."""

import asyncio
import json
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from simulators.broker import BrokerError
from simulators.capture_player import PlaybackError
from simulators.cli.stopping import told_to_stop
from simulators.gateway_process import GatewayFailedError
from simulators.scene import DemoEnd, DemoOptions
from simulators.walk_demo import run_walk


class BrokerChoice(StrEnum):
    """The brokers that a demo can run on."""

    mosquitto = "mosquitto"
    amqtt = "amqtt"


def demo(
    seconds: Annotated[float | None, typer.Option(help="End after this long; without it, at Ctrl-C.", min=1)] = None,
    broker: Annotated[BrokerChoice | None, typer.Option(help="Default: mosquitto where it is installed.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed is another day in the shop.")] = 1,
) -> None:
    """Play a shop into a real gateway, count at head office, and prove that nothing is missing."""
    console = Console(stderr=True)
    options = DemoOptions(seconds, broker.value if broker else None, seed)
    try:
        end = asyncio.run(_until_told(options, console))
    except (BrokerError, ConnectionError, GatewayFailedError, PlaybackError) as error:
        console.print(f"The demo failed: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    typer.echo(json.dumps(asdict(end.figures)))
    for each in end.wrong:
        console.print(f"The demo did not show what it should: {each}.", markup=False, highlight=False)
    raise typer.Exit(1 if end.wrong else 0)


async def _until_told(options: DemoOptions, console: Console) -> DemoEnd:
    with told_to_stop() as told:
        return await run_walk(options, console, told)
