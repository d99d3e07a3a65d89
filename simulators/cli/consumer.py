"""`consumer`: events into PostgreSQL, and acks for what is stored."""

import asyncio
import json
from dataclasses import asdict
from typing import Annotated

import typer
from psycopg import Error
from rich.console import Console

from simulators.cli.stopping import told_to_stop
from simulators.consumer.consumer import Consumer
from simulators.link import URL_HELP
from simulators.live_line import LiveLine

_SHOW_S = 0.25


def consumer(
    url: Annotated[str, typer.Option(help=URL_HELP)],
    database: Annotated[str, typer.Option(help="PostgreSQL 14 or newer, postgresql://USER@HOST/DATABASE.")],
) -> None:
    """Store every event once, by source and id, and acknowledge what is there without a hole, until Ctrl-C."""
    console = Console(stderr=True)
    try:
        asyncio.run(_run(url, database, console))
    except (Error, OSError, ValueError) as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error


async def _run(url: str, database: str, console: Console) -> None:
    def say(sentence: str) -> None:
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)

    with told_to_stop() as told:
        async with Consumer(url, database, say) as running:
            say(f"consuming {'its share' if running.shared else 'everything'}")
            await _until(told, running, console)
            missing = sum(gap.last - gap.first + 1 for gap in await running.gaps())
            typer.echo(json.dumps(asdict(running.counts) | {"acks": running.acks, "missing": missing}))


async def _until(told: asyncio.Event, running: Consumer, console: Console) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.ensure_future(running.ended())
    with LiveLine(console) as line:
        while not told.is_set() and not ended.done():
            line.show(_words(running), loop.time())
            await asyncio.wait({ended}, timeout=_SHOW_S)
    if ended.done():
        await ended


def _words(running: Consumer) -> str:
    counts = running.counts
    return (
        f"received {counts.received:,} · stored {counts.stored:,} · repeats {counts.repeats:,} · acks {running.acks:,}"
        f"{' · it is the one that acknowledges' if running.telling else ''}"
    )
