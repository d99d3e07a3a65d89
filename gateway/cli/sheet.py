"""`campaigns preset` and `campaigns import`: campaigns for people who write neither JSON nor expressions."""

import json
import sys
from pathlib import Path
from typing import Annotated, Final, NoReturn, cast
from zoneinfo import ZoneInfo

import typer

from gateway.documents.campaigns import compile_campaigns
from gateway.documents.presets import PRESETS, preset_document
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import load_unsigned
from gateway.documents.sheet import sheet_document
from gateway.model.documents import FloorPlan

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of a sheet."""
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of spreadsheet programs begin: XLSX and ODS (zip), XLS."""


def preset(name: Annotated[str | None, typer.Argument(help="Which; all are listed when left out.")] = None) -> None:
    """Print a campaigns document with one preset, to begin from; or, a line each, what presets there are.

    Exit status: 0 printed, 2 there is none of that name.
    """
    if name is None:
        for each, kept in PRESETS.items():
            print(json.dumps({"preset": each, "says": kept.says}))
        return
    if name not in PRESETS:
        _refuse(f"there is no preset “{name}”: name one of {', '.join(PRESETS)}")
    print(json.dumps(preset_document(name), ensure_ascii=False))


def import_sheet(
    sheet: Annotated[Path, typer.Argument(help="A spreadsheet saved as CSV, a campaign a row.")],
    floorplan: Annotated[Path, typer.Option(help="A shop's floor plan (TOML): whose days and hours are meant.")],
    serial: Annotated[int, typer.Option(min=0, help="Serial of the document; higher than the one in force.")] = 1,
) -> None:
    """Print the campaigns document that a spreadsheet means, on one line.

    Exit status: 0 printed, 2 the sheet or the floor plan will not do; the row and column are named.
    """
    try:
        plan = cast("FloorPlan", load_unsigned(floorplan, "floorplan").content)
        made = sheet_document(_text(sheet), serial, ZoneInfo(plan.timezone))
        written = json.dumps(made, ensure_ascii=False)
        compile_campaigns(written.encode())
    except DocumentRefused as refused:
        _refuse(str(refused if refused.document else refused.within(str(sheet))))
    print(written)


def _text(sheet: Path) -> str:
    """UTF-8, or what spreadsheet programs of Western Europe write."""
    try:
        if sheet.stat().st_size > LARGEST:
            _refuse(f"{sheet}: it is larger than {LARGEST // 2**20} MiB; make it several sheets")
        raw = sheet.read_bytes()
    except OSError as error:
        _refuse(f"{sheet}: it cannot be read ({error.strerror}): name a CSV file")
    if raw.startswith(_WORKBOOKS):
        _refuse(f"{sheet}: it is a workbook: save the sheet as CSV in the spreadsheet program, and name that file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _refuse(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(2)
