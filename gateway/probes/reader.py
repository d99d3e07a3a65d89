"""Hand scanners and NFC readers of the settings: a device that is there and ours to read, a pcscd that answers."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.probes.finding import Finding
from gateway.runtime.files import kind_of

PCSCD: Final = Path("/run/pcscd/pcscd.comm")
"""Where pcscd listens (pcscd(8)); systemd holds the socket and starts it at the first connection."""
_PATIENCE_S: Final = 5.0
_MEANS: Final = "nothing that it reads is taken"
_DOCS: Final = "docs/operations.md, NFC readers and hand scanners"


@dataclass(frozen=True, slots=True)
class ReaderSeen:
    """What a scanner's device, or pcscd's socket, led to; `trouble` is `missing`, `denied` or the system's words."""

    probe: str
    receiver: str
    trouble: str | None = None


def look_at_scanner(receiver: str, device: Path) -> ReaderSeen:
    """Look at the device of a hand scanner without taking it."""
    if not kind_of(device):
        return ReaderSeen("scanner", receiver, "missing")
    return ReaderSeen("scanner", receiver, None if os.access(device, os.R_OK) else "denied")


def look_at_nfc(receiver: str, pcscd: Path = PCSCD) -> ReaderSeen:
    """Connect to pcscd, which knows the readers."""
    try:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(_PATIENCE_S)
            asked.connect(str(pcscd))
    except (FileNotFoundError, ConnectionRefusedError):
        return ReaderSeen("nfc", receiver, "missing")
    except PermissionError:
        return ReaderSeen("nfc", receiver, "denied")
    except OSError as error:
        return ReaderSeen("nfc", receiver, error.strerror or str(error))
    return ReaderSeen("nfc", receiver)


def judge_reader(seen: ReaderSeen) -> Finding:
    """Whether it can be read with, as far as that shows without a code or tag."""
    scanner = seen.probe == "scanner"
    match seen.trouble:
        case None:
            return Finding(
                seen.probe, "ok", f"{seen.receiver}: {'its device is there' if scanner else 'pcscd answers'}"
            )
        case "missing":
            found = "no such device" if scanner else "pcscd does not run"
            plugged = "plug it in; `ls /dev/input/by-id /dev/serial/by-id` shows names that stay the same"
            mend = plugged if scanner else f"sudo systemctl enable --now pcscd.socket, or install it ({_DOCS})"
        case "denied":
            found = "this account may not read it" if scanner else "pcscd does not let this account in"
            mend = f"give it the group input or dialout ({_DOCS})" if scanner else f"see {_DOCS}"
        case words:
            found, mend = f"pcscd: {words}", "systemctl status pcscd.socket pcscd"
    return Finding(seen.probe, "problem", f"{seen.receiver}: {found}", _MEANS, mend)
