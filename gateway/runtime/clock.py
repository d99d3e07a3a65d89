"""The system's time as `Now`, and whether its wall clock can be believed."""

import ctypes
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from gateway.model.time import Now

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
TIMESYNCD_SYNCHRONIZED: Final = Path("/run/systemd/timesync/synchronized")
TIME_SERVICES: Final = (Path("/run/systemd/timesync"), Path("/run/chrony"), Path("/run/ntpd.pid"))
NEVER_BEFORE_UTC_S: Final = 1_735_689_600.0
"""2025-01-01: a clock before it was never set."""
STEP_S: Final = 0.5
"""A wall clock that moves by more than this against the monotonic one (seconds) was stepped, not slewed."""

_JUDGE_EVERY_S: Final = 1.0
_TIME_ERROR: Final = 5


class SystemClock:
    """Calling it gives `Now`: monotonic and wall time of this machine, of this boot.

    The wall clock is judged once a second until it is believed, then believed for good: a shop without internet keeps
    its time, and drifts by a second or two a day.
    """

    def __init__(
        self,
        *,
        mono: Callable[[], float] = time.monotonic,
        utc: Callable[[], float] = time.time,
        synchronized: Callable[[], bool] | None = None,
        boot_id: str | None = None,
    ) -> None:
        self._mono = mono
        self._utc = utc
        self._synchronized = synchronized or wall_clock_synchronized
        self._boot_id = boot_id or BOOT_ID.read_text().strip()
        self._synced = False
        self._judged_s: float | None = None

    def __call__(self) -> Now:
        """This instant."""
        mono_s, utc_s = self._mono(), self._utc()
        if not self._synced and (self._judged_s is None or mono_s - self._judged_s >= _JUDGE_EVERY_S):
            self._judged_s = mono_s
            self._synced = utc_s >= NEVER_BEFORE_UTC_S and self._synchronized()
        return Now(mono_s, utc_s, "synced" if self._synced else "unset", self._boot_id)


class ClockWatch:
    """Notices that the wall clock became trustworthy or was stepped; slewing and the drift of a second are neither."""

    def __init__(self) -> None:
        self._last: Now | None = None

    def changed(self, now: Now) -> bool:
        """Whether the wall clock of `now` breaks with that of the call before."""
        last, self._last = self._last, now
        if last is None or last.boot_id != now.boot_id:
            return False
        stepped_s = (now.utc_s - last.utc_s) - (now.mono_s - last.mono_s)
        return now.clock != last.clock or abs(stepped_s) > STEP_S


class SteadyClock:
    """A clock whose monotonic time never goes back within a boot, whatever it is made from."""

    def __init__(self, clock: Callable[[], Now]) -> None:
        self._clock = clock
        self._last: Now | None = None

    def __call__(self, now: Now | None = None) -> Now:
        """The instant given, or the clock's; not before the one given out last in the same boot."""
        if now is None:
            now = self._clock()
        last = self._last
        if last is not None and last.boot_id == now.boot_id and now.mono_s < last.mono_s:
            now = replace(now, mono_s=last.mono_s)
        self._last = now
        return now


def wall_clock_synchronized() -> bool:
    """Whether somebody keeps the wall clock right.

    Yes when the kernel says so (adjtimex(2)) or systemd-timesyncd did once in this boot; no when a time service runs
    that has not got there yet (a Pi without a real-time clock). Where none runs (a container, a virtual machine) the
    host keeps time.
    """
    if TIMESYNCD_SYNCHRONIZED.exists() or _kernel_synchronized():
        return True
    return not any(service.exists() for service in TIME_SERVICES)


class _Timex(ctypes.Structure):
    _fields_ = (("modes", ctypes.c_uint), ("rest", ctypes.c_long * 40))


def _kernel_synchronized() -> bool:
    try:
        state: int = ctypes.CDLL(None).adjtimex(ctypes.byref(_Timex()))
    except (OSError, AttributeError):
        return False
    return 0 <= state < _TIME_ERROR
