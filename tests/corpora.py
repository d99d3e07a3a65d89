"""Recordings and vectors that nobody here made, beside the repository; each folder names its source and licence."""

from pathlib import Path

import pytest

CORPORA = Path(__file__).parents[2] / "shared" / "corpora"
RADIO = CORPORA / "radio"
PAYLOADS = CORPORA / "payloads"
CRYPTO = CORPORA / "crypto"

if not CORPORA.is_dir():
    pytest.skip(f"no corpora at {CORPORA}: put them beside the repository", allow_module_level=True)
