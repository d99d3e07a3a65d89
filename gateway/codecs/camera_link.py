"""What the daemon tells the child that watches a camera, and what that tells it: JSON, encode and decode in pairs."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from gateway.codecs.told import decode, encode

SYMBOLOGIES: Final = frozenset(
    {"qr_code", "micro_qr_code", "data_matrix", "ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf",
     "pdf_417", "aztec", "picture"}
)  # fmt: skip
"""What `CodeSeen` may say; `picture` is a reference picture's, whose text is a marker's id."""
MAX_TEXT_CHARS: Final = 8192
"""The largest QR code holds 7,089 digits."""


@dataclass(frozen=True, slots=True)
class WatchOrder:
    """What to watch.

    `camera` is a device, an address, a file or a folder; `frames_per_s` the most that are looked at; `cpu` the share
    of one processor that it may take; `pictures` the folder of reference pictures, if any.
    """

    camera: str
    frames_per_s: float
    cpu: float
    pictures: str | None = None


@dataclass(frozen=True, slots=True)
class CodeSeen:
    """A code in a frame; its middle is at (`x`, `y`), each 0 to 1 of the frame's width or height."""

    symbology: str
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Watching:
    """`looks` frames were looked at since the last word, `cpu_ms` spent on each; none while pictures are learned."""

    looks: int
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class NotWatching:
    """The child has no frames and ends: `code` is `no_camera`, `no_frames`, `bad_pictures`, or `over` for a file.

    `problem` says why to a person, `case` is that in a word (`password`), empty where nobody knows.
    """

    code: str
    problem: str
    case: str = ""


Told = CodeSeen | Watching | NotWatching

_KINDS: Final[dict[str, type[Told]]] = {"code": CodeSeen, "watching": Watching, "not_watching": NotWatching}
_CODES: Final = frozenset({"no_camera", "no_frames", "bad_pictures", "over"})


def encode_order(order: WatchOrder) -> bytes:
    """The frame of an order."""
    return json.dumps(asdict(order)).encode()


def decode_order(frame: bytes) -> WatchOrder:
    """The order that `encode_order` made a frame of."""
    return WatchOrder(**json.loads(frame))


def encode_told(told: Told) -> bytes:
    """The frame of what a child tells."""
    return encode(told, _KINDS)


def decode_told(frame: bytes) -> Told:
    """What a child told, which looked at what anybody may hold up.

    Raises:
        NotTold: it is nothing that a child tells.
    """
    return decode(frame, _KINDS, _is_sound)


def _is_sound(told: Any) -> bool:
    match told:
        case CodeSeen(str(symbology), str(text), x, y):
            return symbology in SYMBOLOGIES and 0 < len(text) <= MAX_TEXT_CHARS and _is_number(x) and _is_number(y)
        case Watching(int(), cpu_ms):
            return _is_number(cpu_ms)
        case NotWatching(str(code), str(), str()):
            return code in _CODES
        case _:
            return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < 1e9
