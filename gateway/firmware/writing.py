"""A folder of ESPHome files for the devices of a floor plan."""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, Literal

from gateway.firmware.configuration import own_substitutions
from gateway.firmware.devices import Device

Change = Literal["written", "unchanged"]

IGNORED: Final = "/secrets.yaml\n/.esphome/\n"
"""What of the folder belongs into no repository: passwords, and what ESPHome builds."""


def write_firmware(devices: Iterable[Device], directory: Path) -> dict[str, Change]:
    """Write each device's file and what it includes to `directory`; gives what was done, by file name.

    A device's file is written anew; substitutions that were added to it by hand (its board, its measured power) are
    kept. `secrets.yaml` is never touched.

    Raises:
        OSError: the folder cannot be written.
        FirmwareUnreadable: a file to be written anew cannot be read for what to keep.
    """
    wanted = dict(_shipped())
    for device in devices:
        path = directory / device.file
        kept = own_substitutions(path) if path.exists() else {}
        wanted[device.file] = device_yaml(device, kept)
    return {name: _write(directory / name, text) for name, text in wanted.items()}


def device_yaml(device: Device, kept: Mapping[str, str]) -> str:
    """The ESPHome file of `device`, with what was `kept` of one before."""
    told = {"device": device.hostname, device.kind: device.id, **device.told}
    added = {name: value for name, value in kept.items() if name not in told}
    lines = [
        f"# The {device.kind} {device.id} of the floor plan: made by `proximity-gateway beacons firmware`, which keeps",
        "# substitutions that you add and writes all else anew; `proximity-gateway beacons check` compares the two.",
        "substitutions:",
        *(f"  {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in (told | added).items()),
        "",
        "packages:",
        f"  {device.kind}: !include packages/{device.kind}.yaml",
        "",
    ]
    return "\n".join(lines)


def _shipped() -> Iterable[tuple[str, str]]:
    """The files that every folder gets."""
    source = files("gateway.firmware") / "esphome"
    yield ".gitignore", IGNORED
    yield from _texts(source, "")


def _texts(folder: Traversable, below: str) -> Iterable[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from _texts(entry, f"{below}{entry.name}/")
        else:
            yield f"{below}{entry.name}", entry.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> Change:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return "unchanged"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return "written"
