"""`explain`: why an offer was made or not made to a member, from the ledger."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.run import DEFAULT_SETTINGS, SettingsFile
from gateway.core.offers.explanation import explanation
from gateway.model.time import from_rfc3339, rfc3339
from gateway.runtime.errors import StorageUnavailable
from gateway.settings import SettingsRefused, load_settings
from gateway.storage.connection import find_database
from gateway.storage.ledger import open_ledger
from gateway.storage.refusals import Corrupted, Unreadable
from gateway.storage.secret import find_secret


def explain(
    member: Annotated[str, typer.Option(help="The member's handle, with or without m. before it.")],
    campaign: Annotated[str | None, typer.Option(help="The campaign's id; every campaign when left out.")] = None,
    at: Annotated[
        str | None, typer.Option(help="The newest decision until then (RFC 3339); now when left out.")
    ] = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Print the newest decision about a member as one JSON object; one a campaign without --campaign.

    Works while the gateway runs and while it does not. Exit status: 0 found, 1 nothing was decided, 2 it cannot be
    read.
    """
    try:
        until_utc_s = time.time() if at is None else from_rfc3339(at)
    except ValueError as error:
        raise _refused(f"--at: {error}; write a date and time like 2026-11-21T10:00:00Z") from error
    try:
        directory = load_settings(settings, os.environ).state.directory
        found = asyncio.run(explanations(directory, os.environ, member, campaign, until_utc_s))
    except (SettingsRefused, Unreadable, StorageUnavailable, Corrupted) as refused:
        raise _refused(str(refused)) from refused
    for each in found:
        print(json.dumps(each))
    if not found:
        of_campaign = f" of campaign {campaign}" if campaign else ""
        hint = "is the handle right? Else no campaign's moment came for the member, who has to be recognised here first"
        print(f"nothing{of_campaign} was decided for that member until {rfc3339(until_utc_s)}: {hint}", file=sys.stderr)
        raise typer.Exit(1)


async def explanations(
    directory: Path, environ: Mapping[str, str], member: str, campaign: str | None, until_utc_s: float
) -> list[dict[str, object]]:
    """The newest decision of each campaign (or of one) for a member at or before `until_utc_s`, as printed.

    Raises:
        Unreadable: the state or its secret cannot be read.
        StorageUnavailable: the disk does not answer.
        Corrupted: a row is not as it was written.
    """
    subject = "m." + member.removeprefix("m.")
    find_database(directory)
    async with open_ledger(directory, find_secret(directory, environ)) as ledger:
        if campaign is None:
            decisions = await ledger.last_of_each(subject, until_utc_s)
        else:
            decisions = await ledger.decisions(subject, campaign, until_utc_s, limit=1)
    return [explanation(decision) for decision in decisions]


def _refused(message: str) -> typer.Exit:
    print(message, file=sys.stderr)
    return typer.Exit(2)
