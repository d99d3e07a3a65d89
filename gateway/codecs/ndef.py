"""NDEF messages: what an NFC tag says, as records: addresses (URI), words (text), smart posters; others as they are.

Source: NFC Forum, NFC Data Exchange Format 1.0; Record Type Definitions URI 1.0, Text 1.0, Smart Poster 1.0.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

MAX_MESSAGE_BYTES: Final = 8192
MAX_RECORDS: Final = 64

_BEGIN, _END, _CHUNK, _SHORT, _WITH_ID, _TYPE_FORMAT = 0x80, 0x40, 0x20, 0x10, 0x08, 0x07
_EMPTY, _WELL_KNOWN, _MEDIA, _URI, _EXTERNAL, _UNKNOWN, _UNCHANGED = range(7)
_TYPED: Final = range(_WELL_KNOWN, _UNKNOWN)
_UTF_16, _RESERVED, _LANGUAGE_BYTES = 0x80, 0x40, 0x3F

_TYPE_PREFIXES: Final = {_WELL_KNOWN: "urn:nfc:wkt:", _EXTERNAL: "urn:nfc:ext:", _MEDIA: "", _URI: ""}
_URI_PREFIXES: Final = (
    *("", "http://www.", "https://www.", "http://", "https://", "tel:", "mailto:", "ftp://anonymous:anonymous@"),
    *("ftp://ftp.", "ftps://", "sftp://", "smb://", "nfs://", "ftp://", "dav://", "news:", "telnet://", "imap:"),
    *("rtsp://", "urn:", "pop:", "sip:", "sips:", "tftp:", "btspp://", "btl2cap://", "btgoep://", "tcpobex://"),
    *("irdaobex://", "file://", "urn:epc:id:", "urn:epc:tag:", "urn:epc:pat:", "urn:epc:raw:", "urn:epc:", "urn:nfc:"),
)
_LONGEST_FIRST: Final = sorted(enumerate(_URI_PREFIXES), key=lambda coded: -len(coded[1]))
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_ACTIONS: Final = frozenset({b"\x00", b"\x01", b"\x02"})
_SIZE_BYTES: Final = 4


class NdefError(ValueError):
    """The bytes are no NDEF message this gateway reads; the message says where and why."""


@dataclass(frozen=True, slots=True)
class UriRecord:
    """An address, its abbreviation expanded."""

    uri: str


@dataclass(frozen=True, slots=True)
class TextRecord:
    """Words in a language (an IANA tag such as `fr-CA`)."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class OtherRecord:
    """A record of any other kind: `type` is `urn:nfc:wkt:…`, `urn:nfc:ext:…`, a media type, or empty."""

    type: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class SmartPosterRecord:
    """An address with what is said about it: exactly one URI among records of titles, actions, icons."""

    records: "tuple[UriRecord | TextRecord | OtherRecord, ...]"


Record = UriRecord | TextRecord | SmartPosterRecord | OtherRecord


def decode(message: bytes) -> tuple[Record, ...]:
    """The records of `message`, in order, their ids left out; none for a tag that holds no bytes.

    Raises:
        NdefError: the message is cut short or too long (8,192 bytes, 64 records), or a record is malformed.
    """
    if len(message) > MAX_MESSAGE_BYTES:
        msg = f"the message has {len(message)} bytes: at most {MAX_MESSAGE_BYTES} are read"
        raise NdefError(msg)
    return tuple(_record(framed) for framed in _frames(message))


def texts(records: Iterable[Record]) -> list[str]:
    """What records say to a person's phone: every address, then all words, also those of smart posters."""
    said = [
        inner
        for record in records
        for inner in (record.records if isinstance(record, SmartPosterRecord) else (record,))
    ]
    addresses = [each.uri for each in said if isinstance(each, UriRecord)]
    return addresses + [each.text for each in said if isinstance(each, TextRecord)]


def encode(*records: Record) -> bytes:
    """A message of `records`, each short where it can be, addresses abbreviated, texts in UTF-8.

    Raises:
        ValueError: no record, an address with a control character, no language tag or one over 63 bytes, or a type over
            255 bytes.
    """
    if not records:
        msg = "a message has at least one record: give one"
        raise ValueError(msg)
    last = len(records) - 1
    return b"".join(
        _encoded(record, (_BEGIN if at == 0 else 0) | (_END if at == last else 0)) for at, record in enumerate(records)
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """A record as it is on the tag, its chunks joined; `where` says where it begins."""

    type_format: int
    kind: bytes
    payload: bytes
    where: str


def _frames(message: bytes) -> list[_Frame]:
    octets = _Octets(message)
    frames: list[_Frame] = []
    ended = not message
    while not ended:
        if len(frames) == MAX_RECORDS:
            msg = f"the message has more than {MAX_RECORDS} records"
            raise NdefError(msg)
        where = f"record {len(frames) + 1} at byte {octets.at}"
        header, frame = _piece(octets, where, may_begin=not frames)
        while header & _CHUNK:
            if header & _END:
                msg = f"{where}: the message ends between its chunks"
                raise NdefError(msg)
            header, more = _piece(octets, where, may_begin=False)
            if (more.type_format, more.kind) != (_UNCHANGED, b"") or header & _WITH_ID:
                msg = f"{where}: what follows a chunk is none: it has a type or an id"
                raise NdefError(msg)
            frame = replace(frame, payload=frame.payload + more.payload)
        frames.append(frame)
        ended = bool(header & _END)
    octets.finish()
    return frames


class _Octets:
    """The bytes of a message, taken from the front and never past the end."""

    __slots__ = ("at", "message")

    def __init__(self, message: bytes) -> None:
        self.message = message
        self.at = 0

    def take(self, count: int, where: str) -> bytes:
        taken = self.message[self.at : self.at + count]
        if len(taken) < count:
            msg = (
                f"{where}: {count} bytes are due at byte {self.at} and {len(taken)} are left: the message is cut short"
            )
            raise NdefError(msg)
        self.at += count
        return taken

    def finish(self) -> None:
        left = len(self.message) - self.at
        if left:
            msg = f"{left} bytes follow the last record at byte {self.at}"
            raise NdefError(msg)


def _piece(octets: _Octets, where: str, *, may_begin: bool) -> tuple[int, _Frame]:
    """The header of what comes next, a record or a chunk of one, and the rest of it."""
    header = octets.take(1, where)[0]
    if bool(header & _BEGIN) is not may_begin:
        msg = f"{where}: only the first record may begin the message, and must"
        raise NdefError(msg)
    type_bytes = octets.take(1, where)[0]
    payload_bytes = int.from_bytes(octets.take(1 if header & _SHORT else 4, where), "big")
    id_bytes = octets.take(1, where)[0] if header & _WITH_ID else 0
    kind = octets.take(type_bytes, where)
    octets.take(id_bytes, where)
    if id_bytes and header & _TYPE_FORMAT == _EMPTY:
        msg = f"{where}: an empty record has an id where none is allowed"
        raise NdefError(msg)
    return header, _Frame(header & _TYPE_FORMAT, kind, octets.take(payload_bytes, where), where)


def _record(frame: _Frame) -> Record:
    match frame.type_format, frame.kind:
        case 0x01, b"Sp":
            return _smart_poster(frame)
        case _:
            return _plain(frame)


def _plain(frame: _Frame) -> UriRecord | TextRecord | OtherRecord:
    match frame.type_format, frame.kind:
        case 0x01, b"U":
            return _uri(frame.payload, frame.where)
        case 0x01, b"T":
            return _text(frame.payload, frame.where)
        case type_format, kind:
            return _other(type_format, kind, frame.payload, frame.where)


def _smart_poster(frame: _Frame) -> SmartPosterRecord:
    try:
        records = tuple(_part(inner) for inner in _frames(frame.payload))
    except NdefError as error:
        msg = f"{frame.where}, a smart poster: {error}"
        raise NdefError(msg) from error
    addresses = sum(isinstance(record, UriRecord) for record in records)
    if addresses != 1:
        msg = f"{frame.where}: a smart poster has exactly one address, this one has {addresses}"
        raise NdefError(msg)
    return SmartPosterRecord(records)


def _part(frame: _Frame) -> UriRecord | TextRecord | OtherRecord:
    """A record of a smart poster: its action, size and type are handed on as they are if they are well formed."""
    match frame.type_format, frame.kind:
        case 0x01, b"act" if frame.payload not in _ACTIONS:
            problem = "an action is one byte of 0 to 2"
        case 0x01, b"s" if len(frame.payload) != _SIZE_BYTES:
            problem = f"a size has {_SIZE_BYTES} bytes, this one {len(frame.payload)}"
        case 0x01, b"t" if not _decoded(frame.payload, "utf-8", frame.where).isprintable():
            problem = "a media type holds a control character"
        case _:
            return _plain(frame)
    msg = f"{frame.where}: {problem}"
    raise NdefError(msg)


def _uri(payload: bytes, where: str) -> UriRecord:
    if not payload or payload[0] >= len(_URI_PREFIXES):
        msg = f"{where}: a URI begins with a prefix code of 0 to {len(_URI_PREFIXES) - 1}"
        raise NdefError(msg)
    rest = _decoded(payload[1:], "utf-8", where)
    if _CONTROL.search(rest):
        msg = f"{where}: a URI holds no control character"
        raise NdefError(msg)
    return UriRecord(_URI_PREFIXES[payload[0]] + rest)


def _text(payload: bytes, where: str) -> TextRecord:
    status = payload[0] if payload else 0
    words_at = 1 + (status & _LANGUAGE_BYTES)
    if status & _RESERVED or not status & _LANGUAGE_BYTES or len(payload) < words_at:
        msg = f"{where}: a text begins with the length of its language tag and the tag"
        raise NdefError(msg)
    language = _decoded(payload[1:words_at], "ascii", where)
    return TextRecord(
        language, _decoded(payload[words_at:], _utf_16(payload[words_at:]) if status & _UTF_16 else "utf-8", where)
    )


def _utf_16(words: bytes) -> str:
    """UTF-16 is big-endian where no byte order mark says otherwise."""
    return "utf-16" if words[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-16-be"


def _other(type_format: int, kind: bytes, payload: bytes, where: str) -> OtherRecord:
    if (type_format == _EMPTY and payload) or (type_format in {_EMPTY, _UNKNOWN} and kind):
        msg = f"{where}: a record of type format {type_format} has a type or payload where none is allowed"
        raise NdefError(msg)
    if type_format > _UNKNOWN:
        msg = f"{where}: type format {type_format} belongs to a later chunk or is reserved"
        raise NdefError(msg)
    name = _decoded(kind, "ascii", where)
    if not name.isprintable() or (type_format in _TYPED and not name):
        msg = f"{where}: a record of type format {type_format} needs a type of printable characters"
        raise NdefError(msg)
    return OtherRecord(_TYPE_PREFIXES.get(type_format, "") + name, payload)


def _decoded(text: bytes, encoding: str, where: str) -> str:
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as error:
        msg = f"{where}: the text is no {encoding.upper()} ({error.reason})"
        raise NdefError(msg) from error


def _encoded(record: Record, flags: int) -> bytes:
    type_format, kind, payload = _parts(record)
    if len(kind) > 255:
        msg = f"the type is {len(kind)} bytes long: give at most 255"
        raise ValueError(msg)
    size = len(payload)
    short = size < 256
    header = flags | (_SHORT if short else 0) | type_format
    return bytes((header, len(kind))) + size.to_bytes(1 if short else 4, "big") + kind + payload


def _parts(record: Record) -> tuple[int, bytes, bytes]:
    """A record's type format, type and payload."""
    match record:
        case UriRecord(uri):
            if _CONTROL.search(uri):
                msg = f"{uri!r} holds a control character: percent-encode it"
                raise ValueError(msg)
            code, prefix = next((code, prefix) for code, prefix in _LONGEST_FIRST if uri.startswith(prefix))
            return _WELL_KNOWN, b"U", bytes((code,)) + uri[len(prefix) :].encode()
        case TextRecord(language, text):
            tag = language.encode("ascii")
            if not 0 < len(tag) <= _LANGUAGE_BYTES:
                msg = f"the language tag is {len(tag)} bytes long: give 1 to {_LANGUAGE_BYTES}"
                raise ValueError(msg)
            return _WELL_KNOWN, b"T", bytes((len(tag),)) + tag + text.encode()
        case SmartPosterRecord(records):
            return _WELL_KNOWN, b"Sp", encode(*records)
        case OtherRecord(kind, payload):
            return _other_parts(kind, payload)


def _other_parts(kind: str, payload: bytes) -> tuple[int, bytes, bytes]:
    for type_format in (_WELL_KNOWN, _EXTERNAL):
        prefix = _TYPE_PREFIXES[type_format]
        if kind.startswith(prefix):
            return type_format, kind.removeprefix(prefix).encode("ascii"), payload
    if kind:
        return (_URI if ":" in kind else _MEDIA), kind.encode("ascii"), payload
    return (_UNKNOWN if payload else _EMPTY), b"", payload
