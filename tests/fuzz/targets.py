"""What strangers' bytes reach: each target takes any bytes, and raises nothing but what it is documented to raise."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from gateway.codecs import ndef, type2
from gateway.codecs.adverts import decode_payload, encode_payload, tokens_in
from gateway.codecs.adverts.ad_structures import structure, walk
from gateway.codecs.apdu import TagError
from gateway.codecs.captures import CaptureError, parse_line
from gateway.codecs.cose import CoseError, read_cbor, read_key
from gateway.codecs.gs1 import Gs1Error, read_gs1
from gateway.codecs.keyboard import Keyboard, decode_events
from gateway.codecs.meanings import MarkerCode, marker_address, meaning_of
from gateway.codecs.member_code import MemberCodeError, read_code
from gateway.codecs.picture_size import NoPicture, picture_size
from gateway.codecs.satellites import batch, espresense, life, reading, theengs
from gateway.codecs.satellites.report import NotRead
from gateway.codecs.scanner_text import read_scanned

_TOPICS: Final = (
    (batch.read, "esp-1"),
    (espresense.read, "devices/iBeacon:5f1d0000-0000-4000-8000-00805f9b0001-42-7/hall"),
    (theengs.read, "home/OMG/BTtoMQTT/C00000000001"),
)


def adverts(octets: bytes) -> None:
    """An advertising payload; every frame found is written and found again."""
    payload = octets[:255]
    tokens_in(payload)
    for frame in decode_payload(payload).frames:
        assert decode_payload(encode_payload(frame)).frames == (frame,)


def ad_structures(octets: bytes) -> None:
    """Structures of an advertising payload, each written again."""
    found, _ = walk(octets[:255], range(256))
    for kind, value in found:
        assert structure(kind, value) in octets


def ndef_messages(octets: bytes) -> None:
    """A tag's message; what is read is written and read again."""
    with suppress(ndef.NdefError):
        records = ndef.decode(octets)
        ndef.texts(records)
        with suppress(ValueError):
            assert ndef.decode(ndef.encode(*records)) == records


def tag_memory(octets: bytes) -> None:
    """The blocks of a tag."""
    with suppress(TagError):
        type2.unpack(octets, len(octets))


def gs1_texts(octets: bytes) -> None:
    """A text as a scanner hands it over."""
    with suppress(Gs1Error):
        read_gs1(octets.decode("utf-8", "replace"))


def code_texts(octets: bytes) -> None:
    """A text of a camera or scanner: what it means."""
    meaning = meaning_of(read_scanned(octets.decode("utf-8", "surrogateescape"))[1])
    if isinstance(meaning, MarkerCode):
        with suppress(UnicodeEncodeError):
            assert meaning_of(marker_address("https://shop.example", meaning.id)) == meaning


def member_codes(octets: bytes) -> None:
    """The bytes of a member's code, and of a key in one."""
    with suppress(MemberCodeError):
        read_code(octets, lambda _: None)
    with suppress(CoseError):
        read_key(read_cbor(octets))


def filmed_frames(octets: bytes) -> None:
    """What a phone sends as a picture."""
    with suppress(NoPicture):
        assert min(picture_size(octets)) >= 0


def scanner_keys(octets: bytes) -> None:
    """Events of a keyboard."""
    events, left = decode_events(octets)
    list(Keyboard("fr").lines(events))
    assert octets.endswith(left)


def satellite_messages(octets: bytes) -> None:
    """A message on a topic of each kind of satellite."""
    for read, topic in _TOPICS:
        with suppress(NotRead):
            read(topic, octets)
    for decode in (reading.decode, reading.decode_taken, life.decode):
        with suppress(NotRead):
            decode(octets)


def capture_lines(octets: bytes) -> None:
    """A line of a capture, as the input socket takes them too."""
    with suppress(CaptureError):
        parse_line(octets.decode("utf-8", "replace"), 1)


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    target.__name__: target
    for target in (
        adverts,
        ad_structures,
        ndef_messages,
        tag_memory,
        gs1_texts,
        code_texts,
        member_codes,
        filmed_frames,
        scanner_keys,
        satellite_messages,
        capture_lines,
    )
}
