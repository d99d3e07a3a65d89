"""A real gateway whose clock begins in 1970, is set, and steps by a day either way: order, durations, dates, marks."""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from gateway.model.time import from_rfc3339
from simulators.head_office import HeadOffice
from tests.brokers import MOSQUITTO, mosquitto
from tests.integration.mqtt_side import Noted, quick, session, until
from tests.scenarios import far_zones
from tests.scenarios.restartable_gateway import RestartableGateway

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
DAY_S = 86_400.0
SYNCED_AFTER_UTC_S = 1_767_225_600.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed"),
    pytest.mark.skipif(LIBRARY is None, reason="libfaketime, which shifts a process's clock, is not installed"),
]

Event = dict[str, object]


class ShiftedGateway(RestartableGateway):
    """A gateway whose wall clock the test sets; its monotonic clock is the machine's."""

    def __init__(self, directory: Path, office: HeadOffice, url: str) -> None:
        self._clock = directory / "clock"
        environment = {
            "LD_PRELOAD": LIBRARY,
            "FAKETIME_TIMESTAMP_FILE": self._clock,
            "FAKETIME_NO_CACHE": 1,
            "FAKETIME_DONT_FAKE_MONOTONIC": 1,
        }
        under = ("env", *(f"{name}={value}" for name, value in environment.items()))
        super().__init__(directory, far_zones.STORE, office.signer, url, under)
        members = far_zones.members_document((far_zones.REPORTER,), far_zones.STORE, 7, time.time())
        self.write(far_zones.FLOORPLAN, {"members": (members, 7)}, '[[sources]]\nkind = "input"\n')
        settings = self.settings.read_text()
        self.settings.write_text(settings.replace('[[sources]]\nkind = "capture"\nsocket = "capture.sock"\n', ""))

    def set_clock(self, text: str) -> None:
        """`@DATE TIME` of the process's start, or seconds away from the machine's clock."""
        self._clock.write_text(text + "\n")

    async def report(self, zone: str, seconds: float) -> None:
        """The member's phone hears the beacon of `zone` loudest, twice a second; a code is read at the end."""
        seen = [{"beacon": f"b-{each}", "rssi_dbm": -58 if each == zone else -84} for each in far_zones.ZONES]
        for _ in range(round(seconds * 2)):
            await self._write({"medium": "app", "member": far_zones.REPORTER.handle, "seen": seen})
            await asyncio.sleep(0.5)
        await self._write({"medium": "code", "receiver": "cam-1", "symbology": "qr_code", "text": "A7"})

    async def _write(self, line: Mapping[str, object]) -> None:
        _, writer = await asyncio.open_unix_connection(self.directory / "state" / "input.sock")
        writer.write(json.dumps(line).encode() + b"\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()


async def test_a_clock_that_begins_in_1970_and_steps_by_a_day_either_way(tmp_path: Path) -> None:
    async with (
        mosquitto(tmp_path / "broker") as broker,
        HeadOffice(broker.url, far_zones.STORE) as office,
        session(quick(broker.url), "listener", ["proximity/v1/acme/0042/gw-1/events/+"]) as heard,
    ):
        gateway = ShiftedGateway(tmp_path, office, broker.url)
        gateway.set_clock("@1970-01-01 00:01:00")
        await gateway.start()
        await office.until(lambda: office.acked > 0, 30)
        await gateway.report("door", 2)
        for changes, (setting, zone) in enumerate(
            (("+0", "shoes"), ("-1d", "coats"), ("+1d", "tills"), ("+0", "door"))
        ):
            gateway.set_clock(setting)
            await until(lambda seen=changes: len(_steps(heard)) > seen)
            await gateway.report(zone, 2)
        await gateway.until_empty()
        assert await gateway.stop() == 0
        assert office.gaps == 0
        assert sum(account.late for account in office.streams.values()) == 0

    steps = _steps(heard)
    assert steps[0] > SYNCED_AFTER_UTC_S
    assert steps[1:] == pytest.approx([-DAY_S, 2 * DAY_S, -DAY_S], abs=1.0)
    for event in _events(heard):
        _check_durations(_data(event))
        _check_mark(event)
    stays = [_data(event) for event in _of(heard, "zone.left")]
    assert [stay["zone"] for stay in stays] == ["door", "shoes", "coats", "tills"]
    assert all(from_rfc3339(str(stay["from_at"])) > SYNCED_AFTER_UTC_S for stay in stays)  # what can be, is corrected
    assert all(0.5 < float(str(stay["dwell_s"])) < 60.0 for stay in stays)
    marks = [str(_data(event)["clock"]) for event in _of(heard, "code.scanned")]
    assert marks == ["unset", *["synced"] * 4]


def _events(heard: Noted) -> Iterator[Event]:
    """Every event in the order it came, repeats left out."""
    known: set[object] = set()
    for message in heard.messages:
        event = json.loads(message.payload)
        if event["id"] not in known:
            known.add(event["id"])
            yield event


def _of(heard: Noted, kind: str) -> list[Event]:
    return [event for event in _events(heard) if event["type"] == f"proximity.{kind}.v1"]


def _steps(heard: Noted) -> list[float]:
    """By how much the clock was set each time (seconds); that it is believed now is told too, and is no step."""
    steps = [float(str(_data(event)["step_s"])) for event in _of(heard, "clock.changed")]
    return [step_s for step_s in steps if step_s]


def _data(event: Event) -> dict[str, object]:
    data = event["data"]
    assert isinstance(data, dict)
    return data


def _check_durations(data: Mapping[str, object]) -> None:
    for begin, end in (("from_at", "until_at"), ("started_at", "ended_at")):
        if begin in data:
            assert from_rfc3339(str(data[begin])) <= from_rfc3339(str(data[end]))
    assert float(str(data.get("dwell_s", 0.0))) >= 0.0


def _check_mark(event: Event) -> None:
    """Whoever reads a date that is wrong can see it: the event says that the clock was not set."""
    wrong = from_rfc3339(str(event["recordedtime"])) < SYNCED_AFTER_UTC_S
    assert not wrong or _data(event).get("clock") == "unset", event["type"]
