"""`run`: the daemon."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Final

import typer

from gateway.app import run_gateway
from gateway.runtime.faults import log_fault, log_foreign_faults
from gateway.runtime.logs import configure_logs
from gateway.runtime.private_memory import keep_memory_private
from gateway.satellite import run_satellite
from gateway.settings import SettingsRefused, load_settings

DEFAULT_SETTINGS: Final = Path("/etc/proximity-gateway/settings.toml")
SettingsFile = Annotated[Path, typer.Option(help="The settings file (TOML).", readable=False)]
"""Whoever loads the file says that it may not be read, and what to do: typer is not to ask before."""


def run(
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Run the gateway until SIGTERM or SIGINT; a second one ends it at once.

    Exit status: 0 stopped in order, 1 a fault in its core, 2 it cannot start with these settings, files or state.
    """
    keep_memory_private()
    configure_logs(os.environ)
    log_foreign_faults()
    live(_life(settings))


def live(life: Coroutine[None, None, None]) -> None:
    """Live a gateway's life to its end; a fault in its core is logged without what it quotes.

    Raises:
        typer.Exit: it could not begin (2), or a fault ended it (1).
    """
    try:
        asyncio.run(life)
    except SettingsRefused as refused:
        print(refused, file=sys.stderr)
        raise typer.Exit(2) from None
    except Exception as fault:  # noqa: BLE001 - whatever it is, it ends the process
        log_fault(fault)
        raise typer.Exit(1) from None


async def _life(settings: Path) -> None:
    loaded = load_settings(settings, os.environ)
    configure_logs(os.environ, level=loaded.logs.level)
    await (run_satellite if loaded.store.role == "satellite" else run_gateway)(loaded, os.environ)
