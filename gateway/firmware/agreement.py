"""Whether the firmware of a folder and a floor plan say the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

from gateway.firmware.configuration import FirmwareUnreadable, effective
from gateway.firmware.devices import Device, Kind

SECRETS: Final = ("secrets.yaml", "secrets.example.yaml")

Code = Literal["different", "missing", "unknown", "twice", "unreadable"]


@dataclass(frozen=True, slots=True)
class Flashed:
    """What the device of one file is told: as whom (`id`, None where the file does not say), and what."""

    file: str
    kind: Kind
    id: str | None
    told: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which floor plan and firmware differ; `floorplan` and `firmware` are what each says (None: nothing).

    `file` is empty where there is none.
    """

    file: str
    id: str | None
    code: Code
    key: str
    floorplan: str | None
    firmware: str | None
    hint: str


def read_firmware(directory: Path) -> tuple[list[Flashed], list[Difference]]:
    """The devices of the ESPHome files in `directory`, and the files that cannot be read.

    Files that transmit no iBeacon and are no satellite of ours are none of our business.

    Raises:
        OSError: `directory` cannot be read.
    """
    flashed: list[Flashed] = []
    unreadable: list[Difference] = []
    for path in sorted(each for each in directory.iterdir() if each.suffix in {".yaml", ".yml"}):
        if path.name in SECRETS:
            continue
        try:
            device = _flashed(path.name, effective(path))
        except FirmwareUnreadable as refused:
            problem = f"{refused.path.name}: {refused.problem}"
            unreadable.append(Difference(path.name, None, "unreadable", "", None, problem, refused.hint))
            continue
        if device is not None:
            flashed.append(device)
    return flashed, unreadable


def compare(devices: Iterable[Device], flashed: Iterable[Flashed]) -> list[Difference]:
    """Where the `devices` of a floor plan and those that are `flashed` differ, in the order of the plan."""
    flashed = list(flashed)
    wanted = {(device.kind, device.id): device for device in devices}
    by_told = {(device.kind, _frozen(device.told)): device for device in wanted.values()}
    found: list[Difference] = []
    made: dict[tuple[Kind, str], str] = {}
    for each in flashed:
        device = by_told.get((each.kind, _frozen(each.told))) if each.id is None else wanted.get((each.kind, each.id))
        if device is None:
            found.append(_unknown(each))
        elif (device.kind, device.id) in made:
            found.append(_twice(each, device, made[device.kind, device.id]))
        else:
            made[device.kind, device.id] = each.file
            found += _different(each, device)
    found += [_missing(device) for key, device in wanted.items() if key not in made]
    return found


def _flashed(file: str, configuration: Mapping[str, Any]) -> Flashed | None:
    substitutions = configuration.get("substitutions") or {}
    beacon = configuration.get("esp32_ble_beacon")
    if isinstance(beacon, Mapping):
        told = {name: _text(beacon.get(name)) for name in ("uuid", "major", "minor")}
        return Flashed(file, "beacon", _named(substitutions, "beacon"), told | {"uuid": _uuid(told["uuid"])})
    if "satellite" in substitutions:
        told = {"topic": _text(substitutions.get("topic"))}
        return Flashed(file, "satellite", _named(substitutions, "satellite"), told)
    return None


def _named(substitutions: Mapping[str, Any], key: str) -> str | None:
    return str(substitutions[key]) if key in substitutions else None


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return text


def _frozen(told: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(told.items()))


def _different(each: Flashed, device: Device) -> list[Difference]:
    hint = "run `beacons firmware` and flash the device again, or correct the floor plan"
    return [
        Difference(each.file, device.id, "different", key, value, each.told.get(key), hint)
        for key, value in device.told.items()
        if each.told.get(key) != value
    ]


def _unknown(each: Flashed) -> Difference:
    says = ", ".join(f"{key} {value}" for key, value in each.told.items())
    hint = f"add it to the floor plan, or remove the file and switch the {each.kind} off"
    return Difference(each.file, each.id, "unknown", "", None, says, hint)


def _twice(each: Flashed, device: Device, other: str) -> Difference:
    hint = f"{other} is this {device.kind} already: give one of them an id of its own"
    return Difference(each.file, device.id, "twice", "", device.file, each.file, hint)


def _missing(device: Device) -> Difference:
    hint = "run `beacons firmware`; where another maker's beacon does it, name those that are ESP32s with --only"
    return Difference("", device.id, "missing", "", device.file, None, hint)
