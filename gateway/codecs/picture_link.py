"""What the daemon tells the child that recognises pictures, and what that tells it: JSON, encode and decode in pairs.

After the order each frame is a picture file as it is; each is answered by one `Looked`.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from gateway.codecs.meanings import MAX_MARKER_CHARS
from gateway.codecs.told import decode, encode


@dataclass(frozen=True, slots=True)
class MatchOrder:
    """The folder of reference pictures, and the share of one processor that recognising may take."""

    pictures: str
    cpu: float


@dataclass(frozen=True, slots=True)
class Learning:
    """One more picture was learned."""


@dataclass(frozen=True, slots=True)
class Learned:
    """All `pictures` are learned: from now on frames are answered."""

    pictures: int


@dataclass(frozen=True, slots=True)
class Looked:
    """A frame was looked at for `cpu_ms`: it shows the picture of `marker`, or none; `problem` if it is unreadable."""

    marker: str | None
    cpu_ms: float
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class NotMatching:
    """The pictures cannot be learned, and the child ends: why."""

    problem: str


Told = Learning | Learned | Looked | NotMatching

_KINDS: Final[dict[str, type[Told]]] = {
    "learning": Learning,
    "learned": Learned,
    "looked": Looked,
    "not_matching": NotMatching,
}


def encode_order(order: MatchOrder) -> bytes:
    """The frame of an order."""
    return json.dumps(asdict(order)).encode()


def decode_order(frame: bytes) -> MatchOrder:
    """The order that `encode_order` made a frame of."""
    return MatchOrder(**json.loads(frame))


def encode_told(told: Told) -> bytes:
    """The frame of what a child tells."""
    return encode(told, _KINDS)


def decode_told(frame: bytes) -> Told:
    """What a child told, which looked at what anybody may send.

    Raises:
        NotTold: it is nothing that a child tells.
    """
    return decode(frame, _KINDS, _is_sound)


def _is_sound(told: Any) -> bool:
    match told:
        case Learning():
            return True
        case Learned(int(pictures)):
            return 0 < pictures < 10_000
        case Looked(None | str() as marker, int() | float() as cpu_ms, None | str()):
            return (marker is None or 0 < len(marker) <= MAX_MARKER_CHARS) and abs(cpu_ms) < 1e9
        case NotMatching(str()):
            return True
        case _:
            return False
