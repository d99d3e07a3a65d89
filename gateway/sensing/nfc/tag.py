"""A tag on a reader: which type it is of, and how long it may be talked to."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.codecs import type2, type4
from gateway.codecs.apdu import TagError, Talk, hold
from gateway.sensing.nfc.pcsc import PcscTrouble

LONGEST_S: Final = 3.0
"""A tag that is still being read or written after this long (seconds) is left."""

_STORAGE_CARD: Final = bytes.fromhex("a000000306")
_SERIAL: Final = bytes.fromhex("ffca000000")

Transmit = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class TagType:
    """How tags of a type are read, written and locked."""

    read: Callable[[], Talk[bytes]]
    write: Callable[[bytes], Talk[None]]
    lock: Callable[[], Talk[None]]


_TYPE_2: Final = TagType(type2.read, type2.write, type2.lock)
_TYPE_4: Final = TagType(type4.read, type4.write, type4.lock)


def read(transmit: Transmit, atr: bytes) -> bytes:
    """The NDEF message of a tag, empty if it holds none.

    Raises:
        TagError: it is none that is read here, is malformed, or does not come to an end.
        PcscTrouble: it was taken away.
    """
    return hold(_type(atr).read(), within(LONGEST_S, transmit))


def write(transmit: Transmit, atr: bytes, message: bytes, *, lock: bool) -> None:
    """Put a message on a tag and see that it is there; then lock it for ever, if asked to, and see that it is.

    Raises:
        TagError: it cannot be, and why.
        PcscTrouble: it was taken away.
    """
    kind, bounded = _type(atr), within(LONGEST_S, transmit)
    hold(kind.write(message), bounded)
    if lock:
        hold(kind.lock(), bounded)


def serial(transmit: Transmit) -> bytes:
    """The tag's serial number (UID), empty where it says none: for the cool-down alone, it is nobody's identity."""
    try:
        return transmit(_SERIAL)[:-2]
    except PcscTrouble:
        return b""


def within(longest_s: float, transmit: Transmit) -> Transmit:
    """`transmit`, which refuses once this long (seconds) has passed."""
    until_s = time.monotonic() + longest_s

    def bounded(command: bytes) -> bytes:
        if time.monotonic() > until_s:
            msg = f"the tag has not come to an end after {longest_s:g} s"
            raise TagError(msg)
        return transmit(command)

    return bounded


def _type(atr: bytes) -> TagType:
    """Readers tell of a storage card by its answer to reset (PC/SC part 3, 3.1.3.2.3); all else is ISO 14443-4."""
    return _TYPE_2 if _STORAGE_CARD in atr else _TYPE_4
