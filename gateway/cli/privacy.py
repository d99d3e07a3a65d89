"""`privacy`: export or erase a member on the device itself, wipe the device, draw the notice at the door."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.notice import LANGUAGES, notice_page
from gateway.cli.personal import NotKept, erase_here, export_here
from gateway.cli.run import DEFAULT_SETTINGS, SettingsFile
from gateway.runtime.errors import StorageUnavailable
from gateway.settings import Settings, SettingsRefused, load_settings
from gateway.storage.refusals import Corrupted, Unreadable
from gateway.storage.wipe import wipe as wipe_state

privacy = typer.Typer(
    help="Export or erase a member, wipe the device, draw the notice at the door.", no_args_is_help=True
)

Handle = Annotated[str, typer.Argument(help="The member's handle, with or without m. before it.")]


@privacy.command()
def export(handle: Handle, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Print all that is kept of a member, as one JSON object.

    Works while the gateway runs and while it does not, and tells nobody. Exit status: 0 found, 1 nothing is kept,
    2 it cannot be read.
    """
    loaded = _load(settings)
    try:
        print(json.dumps(asyncio.run(export_here(loaded, os.environ, handle.removeprefix("m.")))))
    except NotKept as nothing:
        print(nothing, file=sys.stderr)
        raise typer.Exit(1) from nothing
    except (Unreadable, StorageUnavailable, Corrupted) as refused:
        raise _refused(refused) from refused


@privacy.command()
def erase(handle: Handle, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Forget a member, while the gateway is stopped; prints how much of each kind went, as one JSON object.

    Of a running one, head office's command `erase` and `DELETE /v1/me` do the same. Exit status: 0 done, 2 it cannot
    be written.
    """
    loaded = _load(settings)
    try:
        went = asyncio.run(erase_here(loaded, os.environ, handle.removeprefix("m.")))
    except (SettingsRefused, Unreadable, StorageUnavailable, Corrupted) as refused:
        raise _refused(refused) from refused
    print(json.dumps(went))
    if not any(went.values()):
        print("nothing was kept of that member here: is the handle right?", file=sys.stderr)


@privacy.command()
def wipe(
    settings: SettingsFile = DEFAULT_SETTINGS,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Make all that is kept unreadable, and remove it: the key first. Nothing of it comes back.

    What head office has not got yet is lost. Exit status: 0 done, 1 the key is not the gateway's to overwrite, 2 it
    was not done.
    """
    directory = _load(settings).state.directory
    if not yes and not typer.confirm(
        f"Forget everything in {directory}, with what head office does not have?", err=True
    ):
        raise typer.Exit(2)
    try:
        gone = wipe_state(directory)
    except Unreadable as refused:
        raise _refused(refused) from refused
    print(json.dumps(asdict(gone)))
    if gone.device_key == "credential":
        print("the device secret is a credential of systemd: delete it where it is made, too", file=sys.stderr)
        raise typer.Exit(1)


@privacy.command()
def notice(
    language: Annotated[str, typer.Option(help=f"One of {', '.join(LANGUAGES)}.")] = "en",
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Print the notice for the door of a shop that counts strangers, as a page of HTML.

    Exit status: 0 drawn, 1 nobody is counted, 2 there is no such language.
    """
    options = _load(settings).privacy
    if language not in LANGUAGES:
        raise _refused(f"--language: there is no notice in {language!r}; write one of {', '.join(LANGUAGES)}")
    if not options.counts_guests:
        print("nobody is counted: write privacy.guests_basis into the settings first", file=sys.stderr)
        raise typer.Exit(1)
    print(notice_page(options, language), end="")


def _load(settings: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    try:
        return load_settings(settings, environ)
    except SettingsRefused as refused:
        raise _refused(refused) from refused


def _refused(why: object) -> typer.Exit:
    print(why, file=sys.stderr)
    return typer.Exit(2)
