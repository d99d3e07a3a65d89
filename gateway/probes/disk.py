"""The disk of the state directory: takes writes, how fast, has room, and how worn it says it is."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from gateway.probes.finding import Finding
from gateway.runtime.files import kind_of

LITTLE_BYTES: Final = 512 << 20
TOO_LITTLE_BYTES: Final = 64 << 20
SLOW_S: Final = 0.5
WORN_TENTHS: Final = 8
"""Tenths of an eMMC's life that are used up (JEDEC eMMC 5.0, DEVICE_LIFE_TIME_EST): from here on, replace it."""
_BLOCK: Final = bytes(4096)


@dataclass(frozen=True, slots=True)
class DiskSeen:
    """The disk that holds `directory`: room, what a small durable write took or was refused with, and what it is.

    `device` is the kernel's name (None: not a device of its own), `worn_tenths` None where it does not say.
    """

    directory: Path
    free_bytes: int
    free_files: int | None
    write_s: float | None
    refused: str | None
    device: str | None
    worn_tenths: int | None
    volatile: bool
    missing: Path | None = None
    """The state directory, where that is not there yet and `directory` is a folder above it."""


def look_at_disk(directory: Path, sys: Path = Path("/sys")) -> DiskSeen:
    """The disk of `directory`, or of the nearest folder above it that exists; leaves nothing behind."""
    place = next(each for each in (directory, *directory.parents) if kind_of(each)).absolute()
    room = os.statvfs(place)
    write_s, refused = _write(place)
    device = _device(place, sys)
    return DiskSeen(
        directory=place,
        free_bytes=room.f_bavail * room.f_frsize,
        free_files=room.f_favail if room.f_files else None,
        write_s=write_s,
        refused=refused,
        device=device,
        worn_tenths=_worn(device, sys),
        volatile=_file_system(place) in {"tmpfs", "ramfs"},
        missing=None if kind_of(directory) else directory,
    )


def judge_disk(seen: DiskSeen) -> list[Finding]:
    """Whether it takes what happens, for how long, and whether it should be replaced."""
    room = f"{_size(seen.free_bytes)} free at {seen.directory}"
    free = f"free room: `sudo du -xh --max-depth=2 {seen.directory} | sort -h | tail` shows what takes it"
    if seen.refused is not None:
        means = "what happens in the shop is not kept"
        mend = (
            f"sudo chown proximity-gateway: {seen.directory}; is it mounted read-only (`findmnt -T {seen.directory}`)?"
        )
        if seen.missing is not None:
            mend = f"sudo install -d -m 700 -o proximity-gateway -g proximity-gateway {seen.missing}"
        if seen.free_bytes < len(_BLOCK):
            mend = free
        return [Finding("disk", "problem", f"{seen.directory} takes no write: {seen.refused}", means, mend)]
    if seen.free_bytes < TOO_LITTLE_BYTES or seen.free_files == 0:
        found = room if seen.free_files else f"{room}, but not for one more file"
        return [
            Finding("disk", "problem", found, "telemetry is given up first, then nothing is kept", free),
            *_wear(seen),
        ]
    if seen.free_bytes < LITTLE_BYTES:
        return [Finding("disk", "warning", room, "days without head office may fill it", free), *_wear(seen)]
    return [Finding("disk", "ok", room), *_wear(seen)]


def _wear(seen: DiskSeen) -> list[Finding]:
    if seen.volatile:
        means = "a power cut takes what head office has not got yet"
        return [Finding("wear", "warning", "the state lies in memory", means, "put state.directory on a disk")]
    name = seen.device or "the disk"
    if seen.write_s is not None and seen.write_s > SLOW_S:
        means = "every answer waits for a write; a card near its end does this"
        found = f"{name} took {seen.write_s:.1f} s for one durable write"
        return [Finding("wear", "warning", found, means, "replace the card (`dmesg | grep -i mmc` shows errors)")]
    if seen.worn_tenths is not None and seen.worn_tenths >= WORN_TENTHS:
        means = "it will turn read-only without warning"
        return [
            Finding("wear", "warning", f"{name} has used {seen.worn_tenths} tenths of its life", means, "replace it")
        ]
    if seen.device is not None and seen.device.startswith("mmcblk") and seen.worn_tenths is None:
        means = "an SD card does not say how worn it is"
        return [Finding("wear", "ok", f"{name}, a durable write takes {1000 * (seen.write_s or 0):.0f} ms", means)]
    return [Finding("wear", "ok", f"{name}, a durable write takes {1000 * (seen.write_s or 0):.0f} ms")]


def _write(place: Path) -> tuple[float | None, str | None]:
    begun_s = time.monotonic()
    try:
        with TemporaryFile(dir=place) as file:
            file.write(_BLOCK)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return None, error.strerror or str(error)
    return time.monotonic() - begun_s, None


def _device(place: Path, sys: Path) -> str | None:
    number = place.stat().st_dev
    block = sys / "dev" / "block" / f"{os.major(number)}:{os.minor(number)}"
    if not block.exists():
        return None
    partition = block.resolve()
    return partition.parent.name if (partition / "partition").exists() else partition.name


def _worn(device: str | None, sys: Path) -> int | None:
    """The worse of the two estimates that an eMMC gives, in tenths; None where there are none."""
    if device is None:
        return None
    with suppress(OSError, ValueError):
        written = (sys / "block" / device / "device" / "life_time").read_text(encoding="ascii").split()
        return max((int(each, 16) for each in written), default=0) or None
    return None


def _file_system(place: Path) -> str:
    """The type of the file system that holds `place` (proc(5), mountinfo)."""
    best, found = "", ""
    with suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
            before, _, after = line.partition(" - ")
            mount = before.split()[4]
            if place.resolve().is_relative_to(mount) and len(mount) >= len(best):
                best, found = mount, after.split()[0]
    return found


def _size(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 30 else f"{count / (1 << 20):.0f} MiB"
