"""`cluster`: a broker of three nodes on this machine, one of which can be killed."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console

from simulators.broker import BrokerError
from simulators.cli.stopping import told_to_stop
from simulators.clusters.cluster import Cluster, ClusterName


def cluster(
    name: Annotated[ClusterName, typer.Argument(help="nats (JetStream) or rabbitmq.")],
    kill_after: Annotated[float | None, typer.Option(help="Kill the first node after so many seconds.", min=0)] = None,
) -> None:
    """Run three nodes until Ctrl-C; their addresses are printed as JSON once all of them take clients."""
    console = Console(stderr=True)
    try:
        asyncio.run(_run(name, kill_after, console))
    except (BrokerError, OSError) as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error


async def _run(name: ClusterName, kill_after_s: float | None, console: Console) -> None:
    with told_to_stop() as told:
        async with Cluster(name) as running:
            typer.echo(json.dumps({"urls": running.urls}))
            try:
                async with asyncio.timeout(kill_after_s):
                    await told.wait()
            except TimeoutError:
                await running.kill(0)
                console.print(f"killed {running.urls[0]}", markup=False, highlight=False)
            await told.wait()
