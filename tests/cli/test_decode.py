"""`decode` as a user runs it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from gateway.cli import COMMANDS, app_of

IBEACON = "0201061aff4c000215f7826da64fa24e988024bc5b71e0893e00010002c5"
IBEACON_LINE = (
    '{"payload": "0201061aff4c000215f7826da64fa24e988024bc5b71e0893e00010002c5", "frames": [{"format": "ibeacon", '
    '"uuid": "f7826da6-4fa2-4e98-8024-bc5b71e0893e", "major": 1, "minor": 2, "measured_power_dbm": -59}]}'
)
CUT_SHORT = "0201060303"


def decode(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app_of(COMMANDS), ["decode", *arguments], input=stdin)


def test_the_example_of_the_wire() -> None:
    done = decode(IBEACON)
    assert (done.exit_code, done.stdout, done.stderr) == (0, IBEACON_LINE + "\n", "")


def test_hex_may_be_in_upper_case_and_is_printed_in_lower() -> None:
    assert decode(IBEACON.upper()).stdout == IBEACON_LINE + "\n"


def test_a_malformed_payload_is_a_problem() -> None:
    done = decode(IBEACON, CUT_SHORT)
    assert done.exit_code == 1
    _, line = map(json.loads, done.stdout.splitlines())
    assert list(line) == ["payload", "frames", "problem"]
    assert line["frames"] == []
    assert "byte 3" in line["problem"]


def test_no_bytes_are_a_payload() -> None:
    done = decode("")
    assert (done.exit_code, done.stdout) == (0, '{"payload": "", "frames": []}\n')


def test_without_arguments_the_lines_of_stdin_are_decoded() -> None:
    done = decode(stdin=f"{IBEACON}\r\n\n {CUT_SHORT} ".encode())
    assert done.exit_code == 1
    assert [json.loads(line)["payload"] for line in done.stdout.splitlines()] == [IBEACON, "", CUT_SHORT]


@pytest.mark.parametrize(
    ("argument", "advice"),
    [
        ("012", "argument 2: '012' has an odd number of hex digits: write two hex digits a byte"),
        ("0g", "argument 2: '0g' is not hex: write two hex digits a byte"),
        ("0x0201", "argument 2: '0x0201' is not hex"),
        ("02 01", "argument 2: '02 01' is not hex"),
        ("٠٢", "argument 2: '٠٢' is not hex"),
        ("00" * 256, "… is 256 bytes long: an advertisement holds at most 255"),
    ],
)
def test_what_is_no_payload_is_refused_and_the_others_are_decoded(argument: str, advice: str) -> None:
    done = decode(IBEACON, argument, CUT_SHORT)
    assert done.exit_code == 2
    assert advice.replace("… ", "…' ") in done.stderr
    assert len(done.stdout.splitlines()) == 2


def test_a_line_of_stdin_that_is_no_payload_is_named_by_its_number() -> None:
    done = decode(stdin=b"\n\xff\xfe\n")
    assert done.exit_code == 2
    assert done.stderr.startswith("line 2: ")


@given(st.binary(max_size=255))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_decoded(payload: bytes) -> None:
    done = decode(payload.hex())
    line = json.loads(done.stdout)
    assert line["payload"] == payload.hex()
    assert done.exit_code == int("problem" in line)
