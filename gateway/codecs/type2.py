"""Type 2 tags (NTAG, MIFARE Ultralight): pages of four bytes, an NDEF message among TLV blocks.

Source: NFC Forum, Type 2 Tag 1.2 (2.1 memory, 2.3 TLV, 6 NDEF); PC/SC 2.01.09 part 3, 3.2.2 (READ and UPDATE BINARY);
NXP NTAG213/215/216, 8.5 (lock bytes).
"""

from typing import Final

from gateway.codecs.apdu import TagError, Talk, ask

PAGE_BYTES: Final = 4
CAPABILITY_PAGE: Final = 3
FIRST_PAGE: Final = 4
MAX_BYTES: Final = 1008
"""What lies within the first sector, from the first page of data on; no more is read or written."""
NULL, NDEF, TERMINATOR = 0x00, 0x03, 0xFE
MAGIC: Final = 0xE1
READ_ONLY: Final = 0x0F

_LOCK_PAGE: Final = 2
_READ_BYTES: Final = 16
_LONG: Final = 0xFF
_DYNAMIC_LOCKS: Final[dict[int, tuple[int, bytes]]] = {
    144: (40, b"\xff\x0f\x00"),
    496: (130, b"\xff\x00\x00"),
    872: (226, b"\xff\x3f\x00"),
}
"""By size (bytes): the page whose bits lock all data behind page 15 (NTAG213, 215, 216)."""
_STATIC_BYTES: Final = 48
"""Tags of no more are locked by the static lock bytes alone."""


def pack(message: bytes) -> bytes:
    """The message as blocks from the first page on, in whole pages."""
    size = len(message)
    length = bytes((size,)) if size < _LONG else bytes((_LONG,)) + size.to_bytes(2)
    packed = bytes((NDEF,)) + length + message + bytes((TERMINATOR,))
    return packed + bytes(-len(packed) % PAGE_BYTES)


def unpack(memory: bytes, size: int) -> bytes | None:
    """The first NDEF message in `memory`, the beginning of `size` bytes; empty if there is none, None if it goes on.

    Raises:
        TagError: a block is longer than the tag.
    """
    at = 0
    while at < len(memory):
        kind = memory[at]
        if kind == TERMINATOR:
            return b""
        if kind == NULL:
            at += 1
            continue
        header = 4 if memory[at + 1 : at + 2] == bytes((_LONG,)) else 2
        if at + header > len(memory):
            break
        length = int.from_bytes(memory[at + 2 : at + 4]) if header == 4 else memory[at + 1]
        end = at + header + length
        if end > size:
            msg = f"the block at byte {at} ends at byte {end}, the tag has {size}"
            raise TagError(msg)
        if kind == NDEF:
            return memory[at + header : end] if end <= len(memory) else None
        at = end
    if len(memory) < size:
        return None
    if at < size:
        msg = f"the block at byte {at} has no end"
        raise TagError(msg)
    return b""


def read() -> Talk[bytes]:
    """The tag's NDEF message, empty if it holds none.

    Raises:
        TagError: it is not formatted, its blocks are malformed, or it stops answering.
    """
    size, _ = yield from _capability()
    memory = b""
    while (message := unpack(memory, size)) is None:
        page = FIRST_PAGE + len(memory) // PAGE_BYTES
        memory = (memory + (yield from _pages(page)))[:size]
    return message


def write(message: bytes) -> Talk[None]:
    """Put the message on the tag, and read it back.

    The length goes first to 0 and last to what it is, so that a tag torn away in between holds an empty message.

    Raises:
        TagError: the tag is locked, too small, not formatted, or does not hold what was written.
    """
    size, access = yield from _capability()
    packed = pack(message)
    if access:
        msg = "the tag is locked: take another"
        raise TagError(msg)
    if len(packed) > size:
        msg = f"the message takes {len(packed)} bytes, the tag has {size}: take a larger one, or a shorter address"
        raise TagError(msg)
    pages = [packed[at : at + PAGE_BYTES] for at in range(0, len(packed), PAGE_BYTES)]
    yield from _update(FIRST_PAGE, bytes((NDEF, 0, TERMINATOR, 0)))
    for page, content in enumerate(pages[1:], FIRST_PAGE + 1):
        yield from _update(page, content)
    yield from _update(FIRST_PAGE, pages[0])
    if (yield from read()) != message:
        msg = "the tag does not hold what was written: take another"
        raise TagError(msg)


def lock() -> Talk[None]:
    """Make the tag read-only for ever, and see that it says so.

    Raises:
        TagError: nobody here knows where a tag of this size is locked (nothing was done), or it does not lock.
    """
    size, _ = yield from _capability()
    if size > _STATIC_BYTES and size not in _DYNAMIC_LOCKS:
        msg = f"how a tag of {size} bytes is locked is not known: lock it with its maker's tool"
        raise TagError(msg)
    head = yield from _pages(_LOCK_PAGE)
    serial, capability = head[:2], head[PAGE_BYTES : PAGE_BYTES + 3]
    yield from _update(CAPABILITY_PAGE, capability + bytes((READ_ONLY,)))
    locks = b""
    if size in _DYNAMIC_LOCKS:
        page, locks = _DYNAMIC_LOCKS[size]
        yield from _update(page, locks + b"\x00")
        held = yield from _pages(page)
        locked = all(got & bits == bits for got, bits in zip(held, locks, strict=False))
    else:
        locked = True
    yield from _update(_LOCK_PAGE, serial + b"\xff\xff")
    head = yield from _pages(_LOCK_PAGE)
    if not locked or head[2:4] != b"\xff\xff" or head[7] & READ_ONLY != READ_ONLY:
        msg = "the tag does not say that it is locked: take another"
        raise TagError(msg)


def _capability() -> Talk[tuple[int, int]]:
    """Bytes for blocks, and 0 where they can be written."""
    capability = (yield from _pages(CAPABILITY_PAGE))[:PAGE_BYTES]
    if capability[0] != MAGIC or capability[1] >> 4 != 1:
        msg = f"it is not formatted for NDEF (its capability container is {capability.hex()})"
        raise TagError(msg)
    return min(capability[2] * 8, MAX_BYTES), capability[3] & READ_ONLY


def _pages(page: int) -> Talk[bytes]:
    """Four pages from this one on."""
    content = yield from ask(bytes((0xFF, 0xB0, 0, page, _READ_BYTES)), f"reading page {page}")
    if len(content) != _READ_BYTES:
        msg = f"reading page {page}: {len(content)} bytes come, not {_READ_BYTES}"
        raise TagError(msg)
    return content


def _update(page: int, content: bytes) -> Talk[None]:
    yield from ask(bytes((0xFF, 0xD6, 0, page, PAGE_BYTES)) + content, f"writing page {page}")
