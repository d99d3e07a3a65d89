"""Runs as root in the guest: our camera source on a device of a real kernel, which is pulled out and put back.

`report.txt` in the folder named says how it went; exit 1 if something is wrong.
"""

import asyncio
import subprocess
import sys
import time
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from gateway.model.inputs import ReceiverHealth
from gateway.runtime.health import Health
from gateway.sensing.camera.options import CameraOptions
from gateway.sensing.camera.source import CameraSource
from gateway.sensing.source import Sensed, Surroundings

PATIENCE_S: Final = 180.0
"""For each step: an emulated processor is slow."""
CAMERA: Final = Path("/dev/video0")
MODULE: Final = ("vivid", "n_devs=1", "node_types=0x1")
"""A camera of the kernel's own making, with a test picture before it (admin-guide/media/vivid.rst)."""
DRIVER: Final = Path("/sys/bus/platform/drivers/vivid")
DEVICE: Final = "vivid.0"


def main(job: str) -> int:
    """Run it all; the exit status."""
    report = Path(job) / "report.txt"
    try:
        subprocess.run(("modprobe", *MODULE), check=True)
        lines = asyncio.run(watched())
    except (OSError, TimeoutError, AssertionError, subprocess.CalledProcessError):
        report.write_text(traceback.format_exc())
        return 1
    report.write_text("".join(f"{line}\n" for line in lines))
    return 0


async def watched() -> list[str]:
    """What a source of the camera told, and when (seconds), with the device pulled out in between."""

    def no_document(path: Path, name: str) -> None:
        raise AssertionError(f"{path} {name}")

    health = Health()
    around = Surroundings(Path("/run"), health, no_document)  # type: ignore[arg-type]
    source = CameraSource(CameraOptions("cam-1", str(CAMERA), cpu=1.0, held_s=1.0), around, hang_s=PATIENCE_S)
    lines = []
    async with source:
        sensing = aiter(source)
        lines.append(f"watched after {await until(sensing, 'up'):.1f} s, {code(health)}")
        assert CAMERA.exists()
        (DRIVER / "unbind").write_text(DEVICE)
        assert not CAMERA.exists()
        lines.append(f"pulled out as it streamed: down after {await until(sensing, 'down'):.1f} s, {code(health)}")
        (DRIVER / "bind").write_text(DEVICE)
        lines.append(f"put back: watched after {await until(sensing, 'up'):.1f} s, {code(health)}")
    return lines


async def until(sensing: AsyncIterator[Sensed], status: str) -> float:
    """Wait until the receiver is said to be up, which it is once frames were looked at, or down; how long (seconds)."""
    began_s = time.monotonic()
    async with asyncio.timeout(PATIENCE_S):
        told = (await anext(sensing)).input
    assert isinstance(told, ReceiverHealth), told
    assert told.status == status
    return time.monotonic() - began_s


def code(health: Health) -> str:
    return next(each.code for each in health.conditions())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
