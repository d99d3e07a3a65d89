"""`outbox`: what head office does not have yet, a line a class, and how long the disk lasts."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.run import DEFAULT_SETTINGS, SettingsFile
from gateway.model.time import rfc3339
from gateway.runtime.errors import StorageUnavailable
from gateway.settings import SettingsRefused, load_settings
from gateway.storage.connection import open_reader
from gateway.storage.refusals import Corrupted, Unreadable
from gateway.storage.standing import StreamStanding, read_room, read_standing


def outbox(
    settings: SettingsFile = DEFAULT_SETTINGS,
    outage: Annotated[float | None, typer.Option(help="Also size a card for so many hours.", min=0)] = None,
) -> None:
    """Print where each of the six event classes stands, in falling priority, one JSON object a line.

    What earlier incarnations have left follows in lines of its own.

    `hours_left` is the free room (of the disk and within the database's file) divided by the bytes that this class
    wrote in the last 60 minutes, as if nothing were acked; null when it wrote nothing. With `--outage HOURS`,
    `bytes_needed` is the room for what waits and for that many hours at the same rate. Exit status: 0 ok, 2 it
    cannot be read.
    """
    try:
        directory = load_settings(settings, os.environ).state.directory
        lines = asyncio.run(standings(directory, time.time(), outage))
    except (SettingsRefused, Unreadable, StorageUnavailable, Corrupted) as refused:
        print(refused, file=sys.stderr)
        raise typer.Exit(2) from refused
    for line in lines:
        print(json.dumps(line))


async def standings(directory: Path, now_utc_s: float, outage_hours: float | None = None) -> list[dict[str, object]]:
    """Each class of the outbox in `directory`, as printed; needs no secret, since it opens nothing.

    Raises:
        Unreadable: the state cannot be read.
        StorageUnavailable: the disk does not answer.
        Corrupted: a row is not as it was written.
    """
    async with open_reader(directory) as connection:
        room_bytes = await read_room(connection, directory)
        lines = []
        for standing in await read_standing(connection):
            line = _line(standing, room_bytes, now_utc_s)
            if outage_hours is not None:
                line["bytes_needed"] = standing.bytes_needed(outage_hours, now_utc_s)
            lines.append(line)
        return lines


def _line(standing: StreamStanding, room_bytes: int, now_utc_s: float) -> dict[str, object]:
    hours_left = standing.hours_left(room_bytes, now_utc_s)
    return {
        "incarnation": standing.incarnation,
        "class": standing.stream,
        "depth": standing.depth,
        "oldest_at": None if standing.oldest_utc_s is None else rfc3339(standing.oldest_utc_s),
        "next_sequence": f"{standing.next_sequence:020d}",
        "acked": f"{standing.acked:020d}",
        "bytes": standing.bytes,
        "hours_left": None if hours_left is None else round(hours_left, 1),
    }
