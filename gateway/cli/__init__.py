"""The commands of `proximity-gateway`: one file a command, and the only place that prints.

Machine-readable output is one JSON object a line on stdout, messages go to stderr. Exit status: 0 ok, 1 found a
problem, 2 bad usage or input.
"""

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated, Final

import typer

from gateway import __version__

COMMANDS: Final = (
    "beacons",
    "campaigns",
    "check",
    "decode",
    "doctor",
    "evaluate",
    "explain",
    "gs1",
    "invite",
    "ndef",
    "outbox",
    "privacy",
    "read",
    "replay",
    "run",
    "survey",
    "tag",
)
"""Each is the function, or the group of commands, of its name in the module of its name: a new one is a file and a
word here."""


def app_of(names: Iterable[str]) -> typer.Typer:
    """The command line with these commands. Only their modules are imported: `decode` needs none of the daemon."""
    app = typer.Typer(
        name="proximity-gateway",
        help="An in-store proximity gateway.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    for name in names:
        command = getattr(import_module(f"gateway.cli.{name}"), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command()(command)
    return app


def _print_version(asked: bool) -> None:
    if asked:
        print(f"proximity-gateway {__version__}")
        raise typer.Exit


def _root(
    *,
    _: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """What may be asked without a command."""


def main() -> None:
    """Run the command that the arguments name."""
    asked = sys.argv[1:2]
    app_of(asked if asked and asked[0] in COMMANDS else COMMANDS)()
