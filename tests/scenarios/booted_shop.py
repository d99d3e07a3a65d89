"""A shop in a booted Debian: a recording played as its radio, a broker beside it, and what a program saw there."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import ROOT
from tests.scenarios.debian_root import boot

SHOPS = ROOT / "simulators" / "shops"
SETTINGS = """
[store]
tenant = "demo"
id = "office"
gateway = "gw-1"
floorplan = "floorplan.toml"
[mqtt]
url = "mqtt://127.0.0.1:1883"
acknowledge = "broker"
[http]
listen = "127.0.0.1:8080"
[[sources]]
kind = "capture"
path = "walk.ndjson"
speed = 20.0
loop = true
"""

Facts = dict[str, Any]


def lay_shop(job: Path) -> None:
    """Put settings, floor plan and recording into `job`, the folder that the booted system sees as `/job`."""
    (job / "settings.toml").write_text(SETTINGS)
    shutil.copy(SHOPS / "office.toml", job / "floorplan.toml")
    shutil.copy(SHOPS / "office_walk.ndjson", job / "walk.ndjson")


def facts_of(root: Path, job: Path, work: Sequence[str]) -> Facts:
    """What the program `work` saw in `root` booted, with this checkout as `/src`."""
    binds = (f"--bind={job}:/job", f"--bind-ro={ROOT}:/src")
    console = boot(root, (*work, "/job/facts.json", "/job"), *binds)
    found = job / "facts.json"
    assert found.exists(), console[-4000:]
    facts: Facts = json.loads(found.read_text())
    if not facts["loopback"]:
        pytest.skip("a system booted here has no loopback interface (a container without CAP_NET_ADMIN)")
    assert "error" not in facts, facts["error"] + facts["journal"]
    return facts
