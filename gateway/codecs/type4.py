"""Type 4 tags (DESFire, NTAG 424, phones): an application with a capability file and an NDEF file.

Source: NFC Forum, Type 4 Tag 2.0 (4 capability container, 5 NDEF); ISO/IEC 7816-4 (SELECT, READ and UPDATE BINARY).
"""

from dataclasses import dataclass
from typing import Final

from gateway.codecs.apdu import TagError, Talk, ask
from gateway.codecs.ndef import MAX_MESSAGE_BYTES

APPLICATION: Final = bytes.fromhex("d2760000850101")
CAPABILITY_FILE: Final = 0xE103
CAPABILITY_BYTES: Final = 15
LOCKED: Final = 0xFF

_NDEF_FILE: Final = b"\x04\x06"
_WRITE_ACCESS_AT: Final = 14
_LENGTH_BYTES: Final = 2
_MOST_AT_ONCE: Final = 255
_LEAST_AT_ONCE: Final = 13
"""A tag that gives or takes fewer bytes at once breaks the specification; reading it would not end."""


@dataclass(frozen=True, slots=True)
class Capability:
    """What the tag says of its NDEF file: bytes read and written at once, its id and size, 0 where it is open."""

    at_once_read: int
    at_once_write: int
    file: int
    size: int
    read_access: int
    write_access: int


def encode_capability(capability: Capability) -> bytes:
    """The content of the capability file."""
    sizes = capability.at_once_read.to_bytes(2) + capability.at_once_write.to_bytes(2)
    file = capability.file.to_bytes(2) + capability.size.to_bytes(2)
    access = bytes((capability.read_access, capability.write_access))
    return CAPABILITY_BYTES.to_bytes(2) + b"\x20" + sizes + _NDEF_FILE + file + access


def decode_capability(content: bytes) -> Capability:
    """What a capability file says.

    Raises:
        TagError: it is cut short, of another version, or names no NDEF file.
    """
    if len(content) < CAPABILITY_BYTES or content[2] >> 4 not in {1, 2, 3} or content[7:9] != _NDEF_FILE:
        msg = f"its capability file is none that is known here ({content[:CAPABILITY_BYTES].hex()})"
        raise TagError(msg)
    reading, writing, file, size = (int.from_bytes(content[at : at + 2]) for at in (3, 5, 9, 11))
    capability = Capability(reading, writing, file, size, content[13], content[_WRITE_ACCESS_AT])
    if min(capability.at_once_read, capability.at_once_write) < _LEAST_AT_ONCE:
        msg = f"it gives {capability.at_once_read} and takes {capability.at_once_write} bytes at once: too few"
        raise TagError(msg)
    return capability


def read() -> Talk[bytes]:
    """The tag's NDEF message, empty if it holds none.

    Raises:
        TagError: it has no NDEF application, or is not as its capability file says.
    """
    capability = yield from _opened()
    return (yield from _message(capability))


def write(message: bytes) -> Talk[None]:
    """Put the message on the tag, and read it back.

    The length goes first to 0 and last to what it is, so that a tag torn away in between holds an empty message.

    Raises:
        TagError: the tag is locked, too small, or does not hold what was written.
    """
    capability = yield from _opened()
    if capability.write_access:
        msg = "the tag is locked: take another"
        raise TagError(msg)
    if len(message) + _LENGTH_BYTES > capability.size:
        msg = (
            f"the message has {len(message)} bytes, the tag holds {capability.size - _LENGTH_BYTES}: take a larger one"
        )
        raise TagError(msg)
    step = min(capability.at_once_write, _MOST_AT_ONCE)
    yield from _update(0, b"\x00\x00")
    for at in range(0, len(message), step):
        yield from _update(_LENGTH_BYTES + at, message[at : at + step])
    yield from _update(0, len(message).to_bytes(_LENGTH_BYTES))
    if (yield from _message(capability)) != message:
        msg = "the tag does not hold what was written: take another"
        raise TagError(msg)


def lock() -> Talk[None]:
    """Make the tag read-only for ever by its capability file, and see that it says so.

    Raises:
        TagError: it does not let its capability file be written: its maker's tool locks it.
    """
    yield from _opened()
    yield from _select_file(CAPABILITY_FILE)
    try:
        yield from _update(_WRITE_ACCESS_AT, bytes((LOCKED,)))
    except TagError as error:
        msg = f"{error}; a tag of this kind is locked with its maker's tool"
        raise TagError(msg) from error
    if (yield from _capability()).write_access != LOCKED:
        msg = "the tag does not say that it is locked: take another"
        raise TagError(msg)


def _opened() -> Talk[Capability]:
    """Select the NDEF file; gives what the capability file says of it."""
    select = b"\x00\xa4\x04\x00" + bytes((len(APPLICATION),)) + APPLICATION + b"\x00"
    yield from ask(select, "selecting the NDEF application")
    yield from _select_file(CAPABILITY_FILE)
    capability = yield from _capability()
    if capability.read_access:
        msg = "its NDEF file is not open for reading"
        raise TagError(msg)
    yield from _select_file(capability.file)
    return capability


def _capability() -> Talk[Capability]:
    return decode_capability((yield from _read(0, CAPABILITY_BYTES)))


def _message(capability: Capability) -> Talk[bytes]:
    length = int.from_bytes((yield from _read(0, _LENGTH_BYTES)))
    if length > min(capability.size - _LENGTH_BYTES, MAX_MESSAGE_BYTES):
        msg = f"its message has {length} bytes: its file has {capability.size}, {MAX_MESSAGE_BYTES} are read at most"
        raise TagError(msg)
    step = min(capability.at_once_read, _MOST_AT_ONCE)
    message = b""
    while len(message) < length:
        message += yield from _read(_LENGTH_BYTES + len(message), min(step, length - len(message)))
    return message


def _select_file(file: int) -> Talk[None]:
    yield from ask(b"\x00\xa4\x00\x0c\x02" + file.to_bytes(2), f"selecting file {file:04x}")


def _read(at: int, size: int) -> Talk[bytes]:
    content = yield from ask(b"\x00\xb0" + at.to_bytes(2) + bytes((size,)), f"reading {size} bytes at {at}")
    if len(content) != size:
        msg = f"reading at byte {at}: {len(content)} bytes come, not {size}"
        raise TagError(msg)
    return content


def _update(at: int, content: bytes) -> Talk[None]:
    yield from ask(b"\x00\xd6" + at.to_bytes(2) + bytes((len(content),)) + content, f"writing at byte {at}")
