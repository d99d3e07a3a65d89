"""A document in a file, as head office wrote it: its own word for its name and serial, and the bytes to sign."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class WrittenDocument:
    """A document to be signed."""

    name: str
    serial: int
    content: bytes


def read_document(path: Path, serial: int | None = None) -> WrittenDocument:
    """The document in the file at `path` (JSON, NDJSON or TOML); what it says is for the gateway to judge.

    A floor plan is the one document that names neither itself nor its serial, which `serial` is then.

    Raises:
        OSError: it cannot be read.
        ValueError: it does not say what document it is, or which serial it has, or another one than `serial`.
    """
    content = path.read_bytes()
    heading = _heading(path, content)
    name = heading.get("document", "floorplan" if "zones" in heading else None)
    if not isinstance(name, str):
        msg = f'{path}: it does not say what it is: begin it with "document", such as "campaigns" or "members"'
        raise ValueError(msg)
    written = heading.get("serial", serial if name == "floorplan" else None)
    if not isinstance(written, int) or isinstance(written, bool):
        where = "as --serial" if name == "floorplan" else 'there ("serial")'
        msg = f"{path}: it has no serial: write a number {where}, higher than that of the one before"
        raise ValueError(msg)
    if serial not in (None, written):
        msg = f"{path}: it says serial {written}, and --serial {serial}: leave --serial out, or correct the file"
        raise ValueError(msg)
    return WrittenDocument(name, written, content)


def _heading(path: Path, content: bytes) -> dict[str, Any]:
    """What the file says at its top: of NDJSON its first line."""
    try:
        text = content.decode()
        if path.suffix == ".toml":
            return tomllib.loads(text)
        heading = json.loads(text.partition("\n")[0] if path.suffix == ".ndjson" else text)
    except ValueError as error:
        msg = f"{path}: it is neither JSON, NDJSON (*.ndjson) nor TOML (*.toml): {error}"
        raise ValueError(msg) from error
    return heading if isinstance(heading, dict) else {}
