"""What the daemon tells the child that watches a camera, and what that tells it: JSON, encode and decode in pairs."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

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
    """The child has no frames and ends: `code` is `no_camera`, `no_frames`, `bad_pictures`, or `over` for a file."""

    code: str
    problem: str


Told = CodeSeen | Watching | NotWatching

_KINDS: Final[dict[str, type[Told]]] = {"code": CodeSeen, "watching": Watching, "not_watching": NotWatching}
_CODES: Final = frozenset({"no_camera", "no_frames", "bad_pictures", "over"})


class NotTold(ValueError):
    """A child's frame is none of these."""


def encode_order(order: WatchOrder) -> bytes:
    """The frame of an order."""
    return json.dumps(asdict(order)).encode()


def decode_order(frame: bytes) -> WatchOrder:
    """The order that `encode_order` made a frame of."""
    return WatchOrder(**json.loads(frame))


def encode_told(told: Told) -> bytes:
    """The frame of what a child tells."""
    kind = next(name for name, each in _KINDS.items() if isinstance(told, each))
    return json.dumps({"told": kind, **asdict(told)}).encode()


def decode_told(frame: bytes) -> Told:
    """What a child told, which looked at what anybody may hold up: nothing in it is believed unseen.

    Raises:
        NotTold: it is nothing that a child tells.
    """
    try:
        fields = json.loads(frame)
        told: Any = _KINDS[fields.pop("told")](**fields)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotTold("a frame of the camera's child is not understood") from error
    if not _is_sound(told):
        raise NotTold("a frame of the camera's child is out of bounds")
    sound: Told = told
    return sound


def _is_sound(told: Any) -> bool:
    match told:
        case CodeSeen(str(symbology), str(text), x, y):
            return symbology in SYMBOLOGIES and 0 < len(text) <= MAX_TEXT_CHARS and _is_number(x) and _is_number(y)
        case Watching(int(), cpu_ms):
            return _is_number(cpu_ms)
        case NotWatching(str(code), str()):
            return code in _CODES
        case _:
            return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < 1e9
