"""`ndef` as a user runs it."""

import json

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import COMMANDS, app_of

URI = "d1010c55046578616d706c652e636f6d"


def ndef(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app_of(COMMANDS), ["ndef", *arguments], input=stdin)


def test_the_example_of_the_wire() -> None:
    done = ndef(URI)
    assert (done.exit_code, done.stderr) == (0, "")
    assert (
        done.stdout
        == f'{{"message": "{URI}", "records": [{{"type": "urn:nfc:wkt:U", "uri": "https://example.com"}}]}}\n'
    )


@pytest.mark.parametrize(
    ("message", "records"),
    [
        ("d101085402667253616c7574", [{"type": "urn:nfc:wkt:T", "language": "fr", "text": "Salut"}]),
        (
            "d102135370" + "91010855046b2e696f2f6d31" + "510103540266 72".replace(" ", ""),
            [
                {
                    "type": "urn:nfc:wkt:Sp",
                    "records": [
                        {"type": "urn:nfc:wkt:U", "uri": "https://k.io/m1"},
                        {"type": "urn:nfc:wkt:T", "language": "fr", "text": ""},
                    ],
                }
            ],
        ),
        ("d40d026578616d706c652e636f6d3a7800ff", [{"type": "urn:nfc:ext:example.com:x", "payload": "00ff"}]),
        ("", []),
    ],
)
def test_records(message: str, records: list[object]) -> None:
    done = ndef(stdin=f" {message}\r\n".encode())
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"message": message, "records": records})


def test_a_malformed_message_is_a_problem_and_no_hex_is_bad_usage() -> None:
    done = ndef("d1", URI)
    assert done.exit_code == 1
    first, _ = map(json.loads, done.stdout.splitlines())
    assert list(first) == ["message", "problem"]
    done = ndef("xyz", URI)
    assert done.exit_code == 2
    assert done.stderr.startswith("argument 1: 'xyz' is not hex: write two hex digits a byte")
    assert len(done.stdout.splitlines()) == 1
