"""Whether the gateway's memory may come to lie on the disk: swap (proc(5), /proc/swaps), and who keeps it out."""

from dataclasses import dataclass
from pathlib import Path

from gateway.probes.finding import Finding

IN_MEMORY = "/dev/zram"
"""Swap there is compressed memory, gone with the power."""


@dataclass(frozen=True, slots=True)
class SwapSeen:
    """The files and devices that memory is swapped to, and whether the unit's MemorySwapMax= holds (cgroups(7))."""

    places: tuple[str, ...]
    limited: bool


def look_at_swap(proc: Path = Path("/proc"), sys: Path = Path("/sys")) -> SwapSeen:
    """This machine's swap on disks."""
    places = (line.split()[0] for line in _lines(proc / "swaps")[1:])
    controllers = " ".join(_lines(sys / "fs" / "cgroup" / "cgroup.controllers")).split()
    return SwapSeen(tuple(place for place in places if not place.startswith(IN_MEMORY)), "memory" in controllers)


def judge_swap(seen: SwapSeen) -> Finding:
    """Whether who takes the disk may find on it what was in memory."""
    if not seen.places:
        return Finding("swap", "ok", "none on a disk")
    places = ", ".join(seen.places)
    if seen.limited:
        return Finding("swap", "ok", f"{places}, and the unit keeps the gateway's memory out of it")
    means = "keys, tokens and handles of its memory may come to lie on the disk, for whoever takes it"
    mend = (
        "sudo systemctl disable --now dphys-swapfile (Raspberry Pi OS), or add cgroup_enable=memory to "
        "/boot/firmware/cmdline.txt, and reboot"
    )
    return Finding("swap", "warning", f"{places}, and this kernel does not limit a unit's memory", means, mend)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
