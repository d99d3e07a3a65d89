"""`check`: whether the gateway can run with its settings, and what to write where it cannot."""

import asyncio
import json
import os
import sys
from dataclasses import asdict

import typer

from gateway.cli.run import DEFAULT_SETTINGS, SettingsFile
from gateway.settings import Problem, SettingsRefused, SettingsUnreadable, check_settings, load_settings


def check(
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Read the settings and everything they name, change nothing, and print what is wrong as one JSON object.

    Exit status: 0 the gateway can run, 1 problems were found, 2 the settings file cannot be read at all.
    """
    status = 0
    try:
        checked = asyncio.run(check_settings(load_settings(settings, os.environ), os.environ))
        problems, warnings = checked.problems, checked.warnings
    except SettingsRefused as refused:
        problems, warnings = refused.problems, ()
        status = 2 if isinstance(refused, SettingsUnreadable) else 0
    _print(problems, warnings)
    raise typer.Exit(status or bool(problems))


def _print(problems: tuple[Problem, ...], warnings: tuple[Problem, ...]) -> None:
    print(json.dumps({"ok": not problems, "problems": [asdict(problem) for problem in problems]}, ensure_ascii=False))
    for problem in problems:
        print(problem, file=sys.stderr)
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
