"""Whether Bluetooth is switched off by rfkill (the kernel's rfkill class in sysfs)."""

from dataclasses import dataclass
from pathlib import Path

from gateway.probes.finding import Finding


@dataclass(frozen=True, slots=True)
class RadioSwitch:
    """One rfkill switch: `soft` can be undone by a command, `hard` is a switch or the firmware."""

    name: str
    soft: bool
    hard: bool


def bluetooth_switches(sys: Path = Path("/sys")) -> tuple[RadioSwitch, ...]:
    """The switches of Bluetooth adapters."""
    folders = sorted((sys / "class" / "rfkill").glob("rfkill*"))
    return tuple(
        RadioSwitch(_read(folder / "name"), _read(folder / "soft") == "1", _read(folder / "hard") == "1")
        for folder in folders
        if _read(folder / "type") == "bluetooth"
    )


def judge_switches(switches: tuple[RadioSwitch, ...]) -> Finding:
    """Whether one of them keeps Bluetooth off."""
    means = "nothing is heard by Bluetooth"
    for each in switches:
        if each.hard:
            mend = "move the switch, or take dtoverlay=disable-bt out of /boot/firmware/config.txt, and reboot"
            return Finding("rfkill", "problem", f"{each.name} is switched off in hardware", means, mend)
        if each.soft:
            return Finding("rfkill", "problem", f"{each.name} is blocked", means, "sudo rfkill unblock bluetooth")
    if not switches:
        return Finding("rfkill", "skipped", "no switch for Bluetooth")
    return Finding("rfkill", "ok", f"{', '.join(each.name for each in switches)} not blocked")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
