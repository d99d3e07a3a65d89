"""A camera's settings."""

from dataclasses import dataclass
from pathlib import Path
from stat import S_IFDIR
from typing import Final

from gateway.runtime.files import kind_of

SCHEMES: Final = ("rtsp://", "rtsps://", "http://", "https://")


@dataclass(frozen=True, slots=True)
class CameraOptions:
    """A `[[sources]]` table of kind `camera`."""

    receiver: str
    """The receiver's id in the floor plan."""
    camera: str
    """A device (`/dev/video0`), an address (`rtsp://…`, or `http://…` of MJPEG), a video file or a folder of frames."""
    frames_per_s: float = 10.0
    """The most frames that are looked at (a second); fewer where the budget asks for it."""
    cpu: float = 0.3
    """How much of one processor watching may take, 0.01 to 1."""
    held_s: float = 5.0
    """A code out of sight for this long is a new sighting when it is back (seconds)."""
    pictures: Path | None = None
    """A folder of reference pictures, each named by its marker's id (`A7.jpg`); at most 200."""


def problems(options: CameraOptions) -> list[tuple[str, str, str]]:
    """What is wrong with the options, as (key, problem, hint)."""
    found = []
    if not options.receiver:
        found.append(("receiver", "it is empty", "write the receiver's id in the floor plan"))
    if not options.camera.startswith(("/", *SCHEMES)):
        hint = 'write "/dev/video0", an address (rtsp://, http://), or the whole path of a file or folder'
        found.append(("camera", "it is no camera", hint))
    if not 0.1 <= options.frames_per_s <= 60:
        found.append(("frames_per_s", f"{options.frames_per_s} is out of range", "write 0.1 to 60"))
    if not 0.01 <= options.cpu <= 1:
        found.append(("cpu", f"{options.cpu} is out of range", "write a share of one processor, 0.01 to 1"))
    if not 0.5 <= options.held_s <= 3600:
        found.append(("held_s", f"{options.held_s} is out of range", "write 0.5 to 3600 (seconds)"))
    if options.pictures is not None and kind_of(options.pictures) != S_IFDIR:
        found.append(("pictures", "there is no such folder", "name a folder of pictures, or leave the key out"))
    return found
