"""What the engine alone makes of a capture of the far zones: `replay`, in virtual time."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from simulators.arrival import Fact, read_arrival
from simulators.recorded_walk import TimedLine
from tests.scenarios import far_zones
from tests.scenarios.restartable_gateway import ROOT

OWN: Final = ("gateway.", "receiver.", "clock.")
"""Events of the gateway itself: a restart adds some."""


def written_shop(directory: Path, lines: Iterable[TimedLine]) -> list[str]:
    """Write a capture and the far zones' documents into `directory`; the arguments of `replay`."""
    (directory / "floorplan.toml").write_text(far_zones.FLOORPLAN)
    (directory / "campaigns.json").write_bytes(far_zones.campaigns_document())
    (directory / "members.ndjson").write_bytes(far_zones.members())
    texts = [json.dumps(far_zones.header()), *(text for _, text in lines)]
    (directory / "capture.ndjson").write_text("\n".join(texts) + "\n")
    options = {"floorplan": "floorplan.toml", "campaigns": "campaigns.json", "members": "members.ndjson"}
    return [str(directory / "capture.ndjson"), *(f"--{key}={directory / name}" for key, name in options.items())]


def replayed(arguments: list[str], **environment: str) -> bytes:
    """What `replay` prints."""
    command = [sys.executable, "-m", "gateway", "replay", *arguments]
    return subprocess.run(command, env=os.environ | environment, cwd=ROOT, check=True, capture_output=True).stdout


def facts(directory: Path, lines: Iterable[TimedLine]) -> Counter[Fact]:
    """What happens to shoppers in a capture, by the engine alone; `directory` is made for it."""
    directory.mkdir()
    printed = replayed(written_shop(directory, lines)).splitlines()
    return Counter(fact for fact in (read_arrival(line).fact for line in printed) if not fact[1].startswith(OWN))
