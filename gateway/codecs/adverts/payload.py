"""Payloads of advertisements: bytes in, the frames of every known format out, and back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Final

from gateway.codecs.adverts.ad_structures import walk
from gateway.codecs.adverts.format import Format
from gateway.codecs.adverts.registry import FORMATS, Frame
from gateway.model.sighting import Advertised

REMEMBERED_PAYLOADS: Final = 4096
"""Payloads whose tokens are kept in memory; the least recently heard makes room."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a payload holds: its frames in the order found, and what is malformed in it (None = nothing is)."""

    frames: tuple[Frame, ...]
    problem: str | None


def decode_payload(payload: bytes) -> Decoded:
    """The frames in `payload` (0 to 255 bytes, or any number), never an error: what cannot be a frame is no frame.

    A problem is told only where an AD structure is malformed; the frames before it stand.
    """
    structures, problem = walk(payload, _BY_AD_TYPE)
    frames = tuple(frame for ad_type, value in structures for frame in _frames_in(ad_type, value))
    return Decoded(frames, problem)


def encode_payload(frame: Frame) -> bytes:
    """A whole payload as a beacon or phone would send it: flags, what announces the frame, and the frame.

    Raises:
        ValueError: a field of the frame is out of its range; its name is in the message.
    """
    return _BY_FRAME[type(frame)].encode(frame)


def frame_fields(frame: Frame) -> dict[str, object]:
    """The frame as `decode` prints it: `format`, then its fields in their order, bytes in lower-case hex."""
    values = {name: getattr(frame, name) for name in _FIELDS[type(frame)]}
    return {"format": _BY_FRAME[type(frame)].name} | {
        name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()
    }


def token_of(frame: Frame) -> Advertised | None:
    """Whom the frame identifies, or what its sender measures; None for addresses of pages."""
    token = _BY_FRAME[type(frame)].token
    return None if token is None else token(frame)


@lru_cache(maxsize=REMEMBERED_PAYLOADS)
def tokens_in(payload: bytes) -> tuple[Advertised, ...]:
    """Whom `payload` identifies, in the order found. A shop hears the same payloads over and over, so they are kept."""
    return tuple(token for frame in decode_payload(payload).frames if (token := token_of(frame)) is not None)


@lru_cache(maxsize=REMEMBERED_PAYLOADS)
def tokens_in_structure(ad_type: int, value: bytes) -> tuple[Advertised, ...]:
    """Whom one AD structure identifies: for a receiver that gets structures one by one instead of whole payloads."""
    return tuple(token for frame in _frames_in(ad_type, value) if (token := token_of(frame)) is not None)


def _frames_in(ad_type: int, value: bytes) -> Iterator[Frame]:
    for place, decoders in _BY_AD_TYPE.get(ad_type, ()):
        decode = decoders.get(value[place])
        if decode is not None and (frame := decode(value)) is not None:
            yield frame


_Decoders = tuple[slice, dict[bytes, Callable[[bytes], Frame | None]]]


def _dispatch(formats: tuple[Format[Any], ...]) -> dict[int, tuple[_Decoders, ...]]:
    """By AD type: each place where signatures lie, and the decoder for each signature there."""
    tables: dict[int, dict[tuple[int, int], dict[bytes, Callable[[bytes], Frame | None]]]] = {}
    for format_ in formats:
        place = (format_.offset, format_.offset + len(format_.signature))
        tables.setdefault(format_.ad_type, {}).setdefault(place, {})[format_.signature] = format_.decode
    return {
        ad_type: tuple((slice(*place), decoders) for place, decoders in places.items())
        for ad_type, places in tables.items()
    }


_BY_AD_TYPE: Final = _dispatch(FORMATS)
_BY_FRAME: Final = {format_.frame: format_ for format_ in FORMATS}
_FIELDS: Final = {frame: tuple(field.name for field in fields(frame)) for frame in _BY_FRAME}
