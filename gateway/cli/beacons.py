"""`beacons`: firmware of the shop's ESP32s from its floor plan, and whether both agree."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import load_unsigned
from gateway.firmware.agreement import compare, read_firmware
from gateway.firmware.configuration import FirmwareUnreadable
from gateway.firmware.devices import Device, LeftOut, devices_of
from gateway.firmware.writing import write_firmware
from gateway.model.documents import FloorPlan

beacons = typer.Typer(help="Firmware of the shop's ESP32 beacons and satellites.", no_args_is_help=True)

Plan = Annotated[Path, typer.Option(help="The floor plan (TOML).")]
Gateway = Annotated[str | None, typer.Option(help="The gateway that satellites send to, where there are any.")]
Only = Annotated[list[str] | None, typer.Option(help="Only this beacon or receiver (repeatable); default: all.")]


@beacons.command()
def firmware(
    floorplan: Plan,
    out: Annotated[Path, typer.Option(help="The folder to write to; made if it is missing.")],
    gateway: Gateway = None,
    only: Only = None,
) -> None:
    """Write ESPHome files for the beacons and satellites of a floor plan, and print a line a file.

    Exit status: 0 ok, 2 the floor plan or an argument will not do, or the folder cannot be written.
    """
    devices, left_out = _devices(floorplan, gateway, only or [])
    try:
        changes = write_firmware(devices, out)
    except FirmwareUnreadable as refused:
        _refuse(str(refused))
    except OSError as error:
        _refuse(f"{error.filename}: it cannot be written ({error.strerror}): name a folder of your own")
    told = {device.file: device for device in devices}
    for file, change in changes.items():
        device = told.get(file)
        line = {"file": file, "kind": device and device.kind, "id": device and device.id, "status": change}
        print(json.dumps(line, ensure_ascii=False))
    for each in left_out:
        print(f"left out: {each.id}: {each.reason}", file=sys.stderr)


@beacons.command()
def check(
    floorplan: Plan,
    firmware: Annotated[Path, typer.Option(help="The folder of ESPHome files.")],
    gateway: Gateway = None,
    only: Only = None,
) -> None:
    """Compare a folder of ESPHome files with the floor plan, and print a line a difference.

    Exit status: 0 they agree, 1 they differ, 2 one of them cannot be read.
    """
    devices, _ = _devices(floorplan, gateway, only or [])
    try:
        flashed, unreadable = read_firmware(firmware)
    except OSError as error:
        _refuse(f"{firmware}: it cannot be read ({error.strerror}): name the folder of `beacons firmware --out`")
    wanted = frozenset(only or [])
    differences = [*unreadable, *compare(devices, [each for each in flashed if not wanted or each.id in wanted])]
    for each in differences:
        print(json.dumps(asdict(each), ensure_ascii=False))
    if not differences:
        print(f"{len(devices)} devices, floor plan and firmware agree", file=sys.stderr)
    raise typer.Exit(bool(differences))


def _devices(path: Path, gateway: str | None, ids: list[str]) -> tuple[tuple[Device, ...], tuple[LeftOut, ...]]:
    plan = _plan(path)
    satellites = [each.id for each in plan.receivers.values() if each.kind == "satellite"]
    if satellites and gateway is None:
        _refuse(
            f"{path.name}: it has satellites ({', '.join(satellites)}): say with --gateway which gateway they send to"
        )
    for each in ids:
        if each not in plan.beacons and each not in plan.receivers:
            _refuse(f"--only {each}: {path.name} has no such beacon or receiver")
    devices, left_out = devices_of(plan, gateway or "")
    if not ids:
        return devices, left_out
    return tuple(each for each in devices if each.id in ids), tuple(each for each in left_out if each.id in ids)


def _plan(path: Path) -> FloorPlan:
    try:
        content = load_unsigned(path, "floorplan").content
    except DocumentRefused as refused:
        _refuse(str(refused))
    assert isinstance(content, FloorPlan)  # noqa: S101 - what the compiler of this name gives
    return content


def _refuse(problem: str) -> NoReturn:
    print(problem, file=sys.stderr)
    raise typer.Exit(2)
