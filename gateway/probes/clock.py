"""Whether the wall clock can be believed, and survives a power cut."""

import time
from dataclasses import dataclass
from pathlib import Path

from gateway.model.time import rfc3339
from gateway.probes.finding import Finding
from gateway.runtime.clock import NEVER_BEFORE_UTC_S, TIME_SERVICES, wall_clock_synchronized


@dataclass(frozen=True, slots=True)
class ClockSeen:
    """The wall clock (UTC, seconds since 1970), whether somebody set it right, and what there is to keep it."""

    utc_s: float
    synchronized: bool
    service: bool
    hardware: bool


def look_at_clock(sys: Path = Path("/sys")) -> ClockSeen:
    """This machine's clock."""
    service = any(place.exists() for place in TIME_SERVICES)
    return ClockSeen(time.time(), wall_clock_synchronized(), service, (sys / "class" / "rtc" / "rtc0").exists())


def judge_clock(seen: ClockSeen) -> Finding:
    """Whether anybody can be recognised by it."""
    now = rfc3339(seen.utc_s)
    means = "nobody is recognised, and no campaign runs by the time of day"
    if seen.utc_s < NEVER_BEFORE_UTC_S:
        return Finding("clock", "problem", f"never set: it says {now}", means, "sudo timedatectl set-ntp true")
    if not seen.synchronized:
        mend = "sudo timedatectl set-ntp true; `timedatectl timesync-status` says whom it asks"
        return Finding("clock", "problem", f"not synchronised: it says {now}", means, mend)
    if not seen.hardware and seen.service:
        means = "after a power cut without internet nobody is recognised until the time comes over the network"
        mend = "add a real-time clock (firmware-config/raspberry-pi/config.txt)"
        return Finding("clock", "warning", "synchronised, but no real-time clock", means, mend)
    return Finding("clock", "ok", f"synchronised, {now}")
