"""What a beacon format is to the registry: its name, how it is known in an advertisement, and its pair of functions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.model.sighting import Advertised

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Format(Generic[F]):
    """One way of sending one frame.

    A structure of `ad_type` whose value holds `signature` at `offset` is given to `decode`, which makes the frame of
    the whole value or says None (an empty signature leaves the looking to it). `encode` gives a whole payload. `token`
    says whom a frame identifies, or what its sender measures; it is None for a format that says neither.
    """

    name: str
    frame: type[F]
    ad_type: int
    signature: bytes
    decode: Callable[[bytes], F | None]
    encode: Callable[[F], bytes]
    token: Callable[[F], Advertised] | None = None
    offset: int = 0
