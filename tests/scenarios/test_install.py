"""What `scripts/install.sh` brings for an NFC reader, as far as that shows without installing it."""

import subprocess

from tests.architecture.tree import ROOT


def locked(name: str) -> str:
    """The lines of a lock about pyscard: its version and its hashes."""
    lines = (ROOT / "requirements" / f"{name}.lock").read_text().splitlines()
    begin = next(place for place, line in enumerate(lines) if line.startswith("pyscard=="))
    end = next((place for place, line in enumerate(lines) if place > begin and line[:1].isalpha()), len(lines))
    return "\n".join(lines[begin:end])


def test_a_shop_gets_the_pyscard_that_the_tests_had() -> None:
    assert locked("nfc") == locked("dev")


def test_what_there_is_not_is_refused_before_anything_is_touched() -> None:
    done = subprocess.run([ROOT / "scripts" / "install.sh", "ncf"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "install: there is no part named ncf: write nfc, or nothing\n"
