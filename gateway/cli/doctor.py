"""`doctor`: what this machine lacks for a gateway, what that means, and the command that mends it."""

import asyncio
import json
import os
import pwd
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from gateway.cli.run import DEFAULT_SETTINGS, SettingsFile
from gateway.probes.examination import examine
from gateway.probes.finding import Finding, Status

ACCOUNT: Final = "proximity-gateway"
_MARKS: Final[dict[Status, tuple[str, str]]] = {
    "ok": ("✓", "green"),
    "warning": ("!", "yellow"),
    "problem": ("✗", "red"),
    "skipped": ("–", "bright_black"),
}


def doctor(
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: Annotated[
        bool | None, typer.Option("--json/--text", help="A JSON object a line; default where stdout is no terminal.")
    ] = None,
    account: Annotated[
        str, typer.Option(help="Started by root, look as this account, if there is one: its rights are what matters.")
    ] = ACCOUNT,
) -> None:
    """Look at adapter, BlueZ, rights, rfkill, clock, disk, broker, certificates and pages, and print a line each.

    Exit status: 0 nothing keeps the gateway from working, 1 something does.
    """
    _become(account)
    as_json = not sys.stdout.isatty() if as_json is None else as_json
    raise typer.Exit(asyncio.run(_examine(settings, as_json=as_json)))


async def _examine(settings: Path, *, as_json: bool) -> int:
    status = 0
    async for finding in examine(settings, os.environ):
        if as_json:
            print(json.dumps(asdict(finding), ensure_ascii=False), flush=True)
        else:
            typer.echo(_line(finding))
        status = max(status, int(finding.status == "problem"))
    return status


def _line(finding: Finding) -> str:
    mark, colour = _MARKS[finding.status]
    line = f"{typer.style(mark, fg=colour)} {finding.probe:<13} {finding.found}"
    if finding.means:
        line += f" - {finding.means}"
    if finding.mend:
        line += f". {typer.style(finding.mend, bold=True)}"
    return line


def _become(account: str) -> None:
    """Give root's rights up for those of `account`: what root may do says nothing about the gateway."""
    if os.geteuid() != 0:
        return
    try:
        entry = pwd.getpwnam(account)
    except KeyError:
        return
    os.initgroups(account, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
