"""The import contracts of pyproject.toml hold for the tree, and each one breaks when it is violated."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.tree import ROOT, plant

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

PACKAGES = (
    *(
        "cli",
        "app",
        "satellite",
        "probes",
        "lifetime",
        "settings",
        "web",
        "uplink",
        "relay",
        "sensing",
        "pipeline",
        "storage",
        "mqtt",
        "documents",
        "firmware",
        "vision",
    ),
    *("core", "codecs", "runtime", "model"),
)

VIOLATIONS = {
    "layers": ("gateway/core/a.py", "import gateway.storage\n"),
    "pure": ("gateway/codecs/a.py", "import asyncio\n"),
    "database": ("gateway/uplink/a.py", "import aiosqlite\n"),
    "broker": ("gateway/uplink/b.py", "from paho.mqtt import client\n"),
    "sight": ("gateway/sensing/b.py", "import gateway.vision\n"),
    "tags": ("gateway/web/b.py", "import smartcard\n"),
    "radio": ("gateway/web/a.py", "import bleak\n"),
    "web": ("gateway/sensing/a.py", "import fastapi\n"),
    "edges": ("gateway/storage/a.py", "import pydantic\n"),
    "printing": ("gateway/runtime/a.py", "import rich\n"),
    "shipped": ("gateway/cli/a.py", "import simulators\n"),
    "simulators": ("simulators/a.py", "import gateway.storage\n"),
}
"""For each contract's id, a file that breaks it."""


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200", "PYTHONPATH": str(root)}
    command = [LINT_IMPORTS, "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_the_tree_keeps_every_contract() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_contract_breaks_when_violated(tmp_path: Path) -> None:
    for name in PACKAGES:
        plant(tmp_path, f"gateway/{name}/__init__.py", '"""Empty."""\n')
    plant(tmp_path, "gateway/__init__.py", "")
    plant(tmp_path, "simulators/__init__.py", "")
    for path, text in VIOLATIONS.values():
        plant(tmp_path, path, text)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["id"] for contract in contracts} == set(VIOLATIONS)
    done = lint(tmp_path)
    assert done.returncode == 1, done.stderr
    verdicts = {line for line in done.stdout.splitlines() if line.endswith((" BROKEN", " KEPT"))}
    assert verdicts == {f"{contract['name']} BROKEN" for contract in contracts}
