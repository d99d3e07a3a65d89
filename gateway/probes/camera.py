"""Each camera of the settings: a device that is there and ours to read, or an address that answers."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gateway.probes.finding import Finding
from gateway.runtime.files import kind_of

PATIENCE_S: Final = 5.0
_PORTS: Final = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
_MEANS: Final = "no code that is held up to it is read"


@dataclass(frozen=True, slots=True)
class CameraSeen:
    """What a camera's name led to; `trouble` is `missing`, `denied` or the words of a network's refusal."""

    receiver: str
    trouble: str | None = None


async def look_at_camera(receiver: str, camera: str) -> CameraSeen:
    """Look at the device or file, or connect to the address, without taking a frame."""
    if "://" in camera:
        return CameraSeen(receiver, await _refusal(camera))
    path = Path(camera)
    if not kind_of(path):
        return CameraSeen(receiver, "missing")
    return CameraSeen(receiver, None if os.access(path, os.R_OK) else "denied")


async def _refusal(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        async with asyncio.timeout(PATIENCE_S):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return "no answer"
    except (OSError, ValueError, KeyError) as error:
        return getattr(error, "strerror", None) or type(error).__name__
    writer.close()
    return None


def judge_camera(seen: CameraSeen) -> Finding:
    """Whether the camera can be watched, as far as that shows without it; its address is not repeated."""
    match seen.trouble:
        case None:
            return Finding("camera", "ok", f"{seen.receiver} is there")
        case "missing":
            mend = "plug it in; `ls /dev/v4l/by-id` shows names that stay the same"
            return Finding("camera", "problem", f"{seen.receiver}: no such device or file", _MEANS, mend)
        case "denied":
            mend = "give this account the group video (docs/operations.md, cameras)"
            return Finding("camera", "problem", f"{seen.receiver}: this account may not read it", _MEANS, mend)
        case words:
            mend = "is it switched on, and in this network? The address is `camera` in the settings"
            return Finding("camera", "problem", f"{seen.receiver}: {words}", _MEANS, mend)
