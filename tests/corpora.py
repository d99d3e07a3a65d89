"""Recordings and vectors that nobody here made, beside the repository; each folder names its source and licence."""

import json
from pathlib import Path
from typing import Any

import pytest

CORPORA = Path(__file__).parents[2] / "shared" / "corpora"
RADIO = CORPORA / "radio"
PAYLOADS = CORPORA / "payloads"
CRYPTO = CORPORA / "crypto"

if not CORPORA.is_dir():
    pytest.skip(f"no corpora at {CORPORA}: put them beside the repository", allow_module_level=True)


def objects(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a file that holds one a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
