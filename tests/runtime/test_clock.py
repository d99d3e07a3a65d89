"""Time: when the wall clock is believed, and what breaks with it."""

from gateway.model.time import Now
from gateway.runtime.clock import ClockWatch, SystemClock

UTC_S = 1_800_000_000.0


def test_a_clock_is_believed_once_somebody_keeps_it_and_for_good() -> None:
    mono = iter([0.0, 0.5, 1.0, 2.0, 3.0])
    verdicts = iter([False, True])
    clock = SystemClock(mono=lambda: next(mono), utc=lambda: UTC_S, synchronized=lambda: next(verdicts), boot_id="b")
    assert [clock().clock for _ in range(5)] == ["unset", "unset", "synced", "synced", "synced"]


def test_a_clock_before_this_software_is_not_believed() -> None:
    clock = SystemClock(mono=lambda: 1.0, utc=lambda: 86_400.0, synchronized=lambda: True, boot_id="b")
    assert clock() == Now(1.0, 86_400.0, "unset", "b")


def test_the_real_clock_rises_and_names_its_boot() -> None:
    clock = SystemClock()
    first, second = clock(), clock()
    assert second.mono_s >= first.mono_s
    assert first.boot_id == second.boot_id != ""


def test_a_watch_tells_steps_and_trust_from_slewing() -> None:
    watch = ClockWatch()
    instants = [
        (Now(0.0, UTC_S, "unset", "b"), False),
        (Now(1.0, UTC_S + 1.01, "unset", "b"), False),
        (Now(2.0, UTC_S + 2.01, "synced", "b"), True),
        (Now(3.0, UTC_S + 63.0, "synced", "b"), True),
        (Now(4.0, UTC_S + 64.0, "synced", "b"), False),
        (Now(0.0, UTC_S, "synced", "c"), False),
    ]
    assert [watch.changed(now) for now, _ in instants] == [expected for _, expected in instants]
