"""`play`: a recorded capture into a running gateway."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.codecs.captures import CaptureError
from simulators.capture_player import CapturePlayer, PlaybackError, PlayerOptions
from simulators.cli.stopping import told_to_stop
from simulators.live_line import LiveLine
from simulators.recorded_walk import Recording, read_recording

_SHOW_S = 0.25


def play(
    capture: Annotated[Path, typer.Argument(help="A capture file (NDJSON).")],
    socket: Annotated[Path, typer.Option(help="The gateway's capture socket, in its state directory.")],
    speed: Annotated[float, typer.Option(help="Times life; 0 is as fast as the gateway commits.", min=0)] = 1.0,
    *,
    loop: Annotated[bool, typer.Option(help="Round and round, until Ctrl-C.")] = False,
) -> None:
    """Send a capture, keep every line until its commit is reported, and send it again if the gateway restarts."""
    console = Console(stderr=True)
    try:
        recording = read_recording(capture)
    except (OSError, CaptureError) as error:
        console.print(f"{capture}: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error
    try:
        asyncio.run(_play(recording, socket, PlayerOptions(speed=speed), console, loop=loop))
    except PlaybackError as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error


async def _play(recording: Recording, socket: Path, options: PlayerOptions, console: Console, *, loop: bool) -> None:
    lines = recording.round_and_round() if loop else iter(recording.lines)
    with told_to_stop() as told, LiveLine(console) as line:
        async with CapturePlayer(socket, recording.started_at_utc_s, lines, options) as player:
            playing = asyncio.ensure_future(player.done())
            while not playing.done():
                await asyncio.wait({playing}, timeout=_SHOW_S)
                text = f"sent {player.sent:,} · committed {player.committed:,} · connections {player.connections}"
                line.show(text, asyncio.get_running_loop().time())
                if told.is_set():
                    player.finish()
            await playing
    counts = {"sent": player.sent, "committed": player.committed, "connections": player.connections}
    typer.echo(json.dumps(counts))
