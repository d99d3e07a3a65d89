"""`fleet`: many gateways' worth of events at a broker, and what became of them."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from simulators.cli.stopping import told_to_stop
from simulators.fleet.fleet import MOST_GATEWAYS, FleetFigures, FleetOptions, run_fleet
from simulators.live_line import LiveLine


def fleet(
    url: Annotated[list[str], typer.Option(help="The broker, mqtt[s]://HOST:PORT; again for each node of a cluster.")],
    gateways: Annotated[int, typer.Option(help="How many.", min=1, max=MOST_GATEWAYS)] = 10,
    rate: Annotated[float, typer.Option(help="Events a second of each gateway.", min=0.01)] = 10.0,
    seconds: Annotated[float, typer.Option(help="How long they make events.", min=0.1)] = 10.0,
    ack_timeout: Annotated[float, typer.Option(help="Seconds without an ack until they send again.", min=0.1)] = 5.0,
    drain: Annotated[float, typer.Option(help="Seconds that the last acks are waited for.", min=0)] = 30.0,
) -> None:
    """Send events, keep and repeat them until head office acknowledges them; exit 0 only if none is missing."""
    console = Console(stderr=True)
    options = FleetOptions(gateways, rate, seconds, ack_timeout, drain)
    try:
        figures = asyncio.run(_run(url, options, console))
    except (OSError, ValueError) as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error
    typer.echo(json.dumps(asdict(figures)))
    raise typer.Exit(1 if figures.missing else 0)


async def _run(urls: list[str], options: FleetOptions, console: Console) -> FleetFigures:
    loop = asyncio.get_running_loop()
    with told_to_stop() as told, LiveLine(console) as line:
        return await run_fleet(urls, options, told, lambda figures: line.show(_words(figures), loop.time()))


def _words(figures: FleetFigures) -> str:
    return (
        f"{figures.gateways:,} gateways · sent {figures.sent:,} · acked {figures.acked:,}"
        f" · longest gap {figures.longest_gap_s:.1f} s"
    )
