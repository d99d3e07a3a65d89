"""Every target survives what hypothesis thinks of, and every case that fuzzing once found."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

EXAMPLES = 20_000 if os.environ.get("PROXIMITY_TEST_COUNTS") == "full" else 200
CASES = sorted((Path(__file__).parent / "cases").glob("*/*"))

hints = st.sampled_from(
    [
        b"\xff\x4c\x00\x02\x15",
        b"\x16\xaa\xfe",
        b"\xd1\x01",
        b"Sp",
        b"\x1d01",
        b"https://",
        b"/m/",
        b"/01/",
        b"]d2",
        b"PX1:",
        b"\x84\x43\xa1\x01\x26\xa0",
        b"\xff\xd8\xff\xe1",
        b"\xff\xc0\x00\x11\x08",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR",
        b"{}",
    ]
)
octets = st.binary(max_size=300) | st.lists(st.binary(max_size=40) | hints, max_size=12).map(b"".join)


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow], deadline=200)
@given(octets=octets)
def test_any_bytes_are_taken(target: str, octets: bytes) -> None:
    TARGETS[target](octets)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_what_fuzzing_found_stays_mended(case: Path) -> None:
    TARGETS[case.parent.name](case.read_bytes())
