"""`capture`: a day in the shop, written in virtual time."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from gateway.model.time import from_rfc3339
from simulators.box.recording import record
from simulators.box.store import read_store
from simulators.stage import SHOPS

BOUTIQUE: Final = SHOPS / "boutique.toml"


def capture(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write to; made if missing.")],
    seconds: Annotated[float, typer.Option(help="How long the day is.", min=1)] = 600.0,
    store: Annotated[Path, typer.Option(help="The store (TOML).")] = BOUTIQUE,
    seed: Annotated[int, typer.Option(help="Another seed is another day in the shop.")] = 1,
    begin: Annotated[str, typer.Option(help="When it begins (UTC).")] = "2026-01-05T09:00:00Z",
) -> None:
    """Write capture, truth, floor plan, members and campaigns of a simulated day, for `replay` and `evaluate`."""
    try:
        written = record(read_store(store), seconds, from_rfc3339(begin), output, seed)
    except (OSError, ValueError) as error:
        Console(stderr=True).print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error
    typer.echo(json.dumps(asdict(written)))
