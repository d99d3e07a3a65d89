"""`invite`: a one-time code with which a person signs in at a screen."""

import json
import os
import sys
import time
from typing import Annotated, Literal

import typer

from gateway.cli.run import DEFAULT_SETTINGS, SettingsFile
from gateway.model.time import rfc3339
from gateway.runtime.errors import StorageUnavailable
from gateway.settings import SettingsRefused, load_settings
from gateway.storage.invites import Invites


def invite(
    scope: Annotated[Literal["staff", "it", "display"], typer.Option(help="What the session may see and do.")],
    minutes: Annotated[float, typer.Option(min=1, max=1440, help="How long the code can be used.")] = 10,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Print a code that opens one session of 12 hours, as one JSON object.

    Run it as the gateway's user. Exit status: 0 made, 2 it cannot be kept.
    """
    now_utc_s = time.time()
    until_utc_s = now_utc_s + 60 * minutes
    try:
        code = Invites(load_settings(settings, os.environ).state.directory).make(scope, until_utc_s, now_utc_s)
    except (SettingsRefused, StorageUnavailable) as refused:
        print(refused, file=sys.stderr)
        raise typer.Exit(2) from refused
    print(json.dumps({"code": code, "scope": scope, "until": rfc3339(until_utc_s)}))
