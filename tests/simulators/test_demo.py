"""The whole flow on one machine, with the real gateway in the middle."""

import json
import os
import re
import shutil
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli import app_of
from simulators.broker import mosquitto_path
from tests.simulators.test_commands import command

needs_mosquitto = pytest.mark.skipif(mosquitto_path() is None, reason="mosquitto is not installed")
needs_dbus = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed")


ENOUGH = 8
"""Kinds of moments that everybody who watches the demo for a minute sees happen by themselves."""


def moments(day: Path) -> set[str]:
    """The kinds of moments of a kept day: what an offer answered or withheld it for, what was done at desk and till."""
    kinds = set[str]()
    for line in (day / "shop.events.ndjson").read_text().splitlines():
        event = json.loads(line)
        name, said = event["type"].removeprefix("proximity.").removesuffix(".v1"), event["data"]
        if name == "offer.made":
            kinds.add(said["moment"])
        elif name == "offer.withheld":
            kinds.add(f"withheld: {said['reason']}")
        elif name in {"order.handed_over", "help.claimed", "price.mismatch", "ticket.recorded", "return.received"}:
            kinds.add(name)
        elif name == "beacon.reported":
            kinds.add(f"beacon: {said['state']}")
    return kinds


def taps(day: Path) -> list[dict[str, Any]]:
    """Who checked in on a kept day by holding a phone to the NFC reader."""
    events = [json.loads(line) for line in (day / "shop.events.ndjson").read_text().splitlines()]
    checked_in = [event["data"] for event in events if event["type"] == "proximity.visitor.checked_in.v1"]
    return [each for each in checked_in if each["method"] == "tag"]


def counted(out: bytes) -> dict[str, Any]:
    """The figures, after what every demo must show."""
    figures: dict[str, Any] = json.loads(out)
    assert list(figures) == [
        *("sightings", "visits", "offers", "created", "received", "acked", "gaps"),
        *("duplicates_before_dedup", "recovered"),
    ]
    assert figures["created"] == figures["received"] == figures["acked"]
    assert figures["gaps"] == 0
    return figures


def score(day: Path) -> dict[str, Any]:
    """What `evaluate` says of all whom a kept day holds."""
    files = (str(day / "shop.events.ndjson"), "--truth", str(day / "shop.truth.ndjson"))
    done = CliRunner().invoke(app_of(["evaluate"]), ["evaluate", *files])
    assert done.exit_code == 0, done.stderr
    of_all: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return of_all


@needs_dbus
@needs_mosquitto
@pytest.mark.slow
async def test_the_shop_shows_its_moments_recovers_from_both_faults_and_loses_nothing(tmp_path: Path) -> None:
    demo = await command("demo", "--seconds", "55", "-o", str(tmp_path / "day"))
    out, err = await demo.communicate()
    assert demo.returncode == 0, err.decode()
    figures = counted(out)
    assert figures["recovered"] == 2
    assert figures["sightings"] > 1_000
    assert figures["visits"] >= 6
    assert figures["offers"] >= 3
    seen = moments(tmp_path / "day")
    assert len(seen) >= ENOUGH, f"only {sorted(seen)}"
    tapped = taps(tmp_path / "day")
    assert tapped, "nobody's phone was read: by pcscd where it is installed, else as lines"
    assert {each["assurance"] for each in tapped} == {"proven"}
    scored = score(tmp_path / "day")
    assert scored["zone_accuracy"] > 0.1, "a minute on a busy machine; how good zones are is measured elsewhere"
    assert scored["enter"]["count"] >= figures["visits"]
    assert re.search(r"http://127\.0\.0\.1:\d+/#code=[A-Z0-9-]{14}", err.decode())


@pytest.mark.slow
async def test_without_a_dbus_daemon_the_walk_is_shown_instead(tmp_path: Path) -> None:
    demo = await create_subprocess_exec(
        *(sys.executable, "-m", "simulators", "demo", "--seconds", "6", "--broker", "amqtt"),
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, "PATH": str(tmp_path)},
    )
    out, err = await demo.communicate()
    assert demo.returncode == 0, err.decode()
    assert "no dbus-daemon here" in err.decode()
    figures = counted(out)
    assert figures["recovered"] == 0
    assert figures["visits"] >= 1
    assert figures["offers"] >= 1
