"""What `doctor` says of hand scanners and NFC readers."""

import socket
from pathlib import Path

import pytest

from gateway.probes.reader import ReaderSeen, judge_reader, look_at_nfc, look_at_scanner


def test_a_scanner_is_its_device(tmp_path: Path) -> None:
    assert look_at_scanner("till-1", tmp_path) == ReaderSeen("scanner", "till-1")
    assert look_at_scanner("till-1", tmp_path / "event9") == ReaderSeen("scanner", "till-1", "missing")


def test_an_nfc_reader_is_a_pcscd_that_answers(tmp_path: Path) -> None:
    assert look_at_nfc("nfc-1", tmp_path / "pcscd.comm") == ReaderSeen("nfc", "nfc-1", "missing")
    with socket.socket(socket.AF_UNIX) as pcscd:
        pcscd.bind(str(tmp_path / "pcscd.comm"))
        assert look_at_nfc("nfc-1", tmp_path / "pcscd.comm").trouble == "missing", "nobody listens"
        pcscd.listen()
        assert look_at_nfc("nfc-1", tmp_path / "pcscd.comm") == ReaderSeen("nfc", "nfc-1")


@pytest.mark.parametrize(
    ("seen", "status", "found", "mend"),
    [
        (ReaderSeen("scanner", "till-1"), "ok", "till-1: its device is there", ""),
        (ReaderSeen("scanner", "till-1", "missing"), "problem", "till-1: no such device", "plug it in"),
        (ReaderSeen("scanner", "till-1", "denied"), "problem", "till-1: this account may not read it", "dialout"),
        (ReaderSeen("nfc", "nfc-1"), "ok", "nfc-1: pcscd answers", ""),
        (ReaderSeen("nfc", "nfc-1", "missing"), "problem", "nfc-1: pcscd does not run", "pcscd.socket"),
        (ReaderSeen("nfc", "nfc-1", "denied"), "problem", "nfc-1: pcscd does not let this account in", "operations.md"),
        (ReaderSeen("nfc", "nfc-1", "timed out"), "problem", "nfc-1: pcscd: timed out", "systemctl status"),
    ],
)
def test_what_follows(seen: ReaderSeen, status: str, found: str, mend: str) -> None:
    finding = judge_reader(seen)
    assert (finding.probe, finding.status, finding.found) == (seen.probe, status, found)
    assert mend in finding.mend
