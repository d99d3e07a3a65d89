"""Capture files (`*.ndjson`): a header, then one input a line, in the order of `t`, its seconds since `started_at`.

Source: "Capture" of the wire formats. What a shop hears is written once and read the same by the replay, the gateway
and the simulators.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.codecs.adverts import tokens_in
from gateway.codecs.json_fields import FieldError, Fields
from gateway.model.documents import DOCUMENT_NAMES
from gateway.model.feeds import FEED_NAMES, FeedName
from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import (
    IBEACON,
    LIGHT,
    NFC_WALLET,
    UNDER_A_LAMP_DBM,
    AppReport,
    BeaconId,
    CodeText,
    HeardBeacon,
    Medium,
    NfcTag,
    Sighting,
)
from gateway.model.time import Clock, from_rfc3339, rfc3339

FORMAT: Final = "proximity-capture"
VERSION: Final = 1
MAX_LINE_CHARS: Final = 65_536
MAX_PAYLOAD_BYTES: Final = 255
MAX_NDEF_BYTES: Final = 8192
MAX_HEARD: Final = 512
MAX_NAME_CHARS: Final = 256
"""The longest name of a receiver, member, beacon or symbology."""
MAX_ROWS: Final = 250
MAX_SERIAL: Final = 1 << 48
OLDEST_S: Final = 60.0
"""A packet was heard at most this long before its line (seconds)."""
LONGEST_S: Final = 1e9
"""A capture lasts no longer (31 years)."""
LATEST_UTC_S: Final = 4_102_444_800.0
"""2100-01-01: with 1970 the bounds of a wall clock, so that every time made from both has a date."""

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LIGHT: Final = re.compile(r"[0-9a-f]{1,32}")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


class CaptureError(ValueError):
    """A line of a capture cannot be read: `number` says which, the message what is wrong and what to write."""

    def __init__(self, number: int, what: str) -> None:
        super().__init__(f"line {number}: {what}")
        self.number = number


@dataclass(frozen=True, slots=True)
class CaptureHeader:
    """When the capture began (seconds since 1970): every `t` counts from there."""

    started_at_utc_s: float


@dataclass(frozen=True, slots=True)
class ClockSet:
    """From here on the wall clock is `clock`, and it reads `utc_s` (seconds since 1970) at this line's `t`."""

    clock: Clock
    utc_s: float


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A document arrives: `path` leads to its file from the capture's, `digest` is `sha256:` and hex of its bytes."""

    name: str
    digest: str
    path: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody asks for an answer: `body` is the question as it was put."""

    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FedRows:
    """A feed says all its `rows` anew, each as it is written on the wire."""

    feed: FeedName
    serial: int
    rows: tuple[Mapping[str, object], ...]


Content = tuple[Sighting, ...] | ReceiverHealth | ClockSet | DocumentFile | Ask | FedRows


@dataclass(frozen=True, slots=True)
class CaptureLine:
    """One input, `t_s` seconds after the start. A packet that identifies nobody is an empty tuple of sightings."""

    t_s: float
    content: Content


def parse_header(line: str, number: int = 1) -> CaptureHeader:
    """The header that a capture's first line is.

    Raises:
        CaptureError: it is no header of a capture of this version.
    """
    try:
        fields = Fields.of(line)
        fields.one_of("format", FORMAT)
        if fields.number("version") != VERSION:
            raise fields.wrong("version", f"this gateway reads version {VERSION}")
        header = CaptureHeader(_utc(fields, "started_at"))
        fields.finish()
    except FieldError as error:
        what = f'{error}; a capture begins with {{"format": "{FORMAT}", "version": {VERSION}, "started_at": …}}'
        raise CaptureError(number, what) from error
    return header


def parse_line(line: str, number: int, last_t_s: float = 0.0) -> CaptureLine:
    """The input that line `number` of a capture is; `last_t_s` is the `t` of the line before it (seconds).

    Raises:
        CaptureError: it is no input, a field is missing, wrong or unknown, or `t` goes back.
    """
    if len(line) > MAX_LINE_CHARS:
        raise CaptureError(number, f"longer than {MAX_LINE_CHARS} characters: split it into several inputs")
    try:
        fields = Fields.of(line)
        t_s = fields.number("t")
        if t_s < last_t_s:
            raise fields.wrong("t", f"it goes back from {last_t_s:g}; put the lines in the order of t")
        if t_s > LONGEST_S:
            raise fields.wrong("t", f"write seconds since started_at, at most {LONGEST_S:.0f}")
        kind = next((key for key in _CONTENTS if key in fields), None)
        if kind is None:
            raise CaptureError(number, f"no input: write one of {', '.join(_CONTENTS)}")
        parsed = CaptureLine(t_s, _CONTENTS[kind](fields))
        fields.finish()
    except FieldError as error:
        raise CaptureError(number, str(error)) from error
    return parsed


def parse_input(line: str) -> tuple[Sighting, ...]:
    """The sightings of a capture's line without its `t`: what happens now.

    Raises:
        FieldError: it is no sighting, or a field is missing, wrong or unknown.
    """
    fields = Fields.of(line)
    sightings = _sightings(fields)
    fields.finish()
    return sightings


def header_line(started_at_utc_s: float) -> str:
    """The first line of a capture that began at this time (seconds since 1970)."""
    return _json({"format": FORMAT, "version": VERSION, "started_at": rfc3339(started_at_utc_s)})


def ble_line(
    t_s: float, receiver: str, rssi_dbm: float, payload: bytes, address: str | None = None, age_s: float = 0.0
) -> str:
    """The line of one Bluetooth packet: `payload` is its advertising data, `address` its sender's.

    It was heard `age_s` (seconds) before `t_s`, where a satellite told of it.
    """
    sender = {} if address is None else {"address": address}
    heard = {"rssi_dbm": rssi_dbm, "payload": payload.hex()} | ({"age_s": age_s} if age_s else {})
    return _json({"t": t_s, "medium": "ble", "receiver": receiver} | sender | heard)


def sighting_line(t_s: float, sighting: Sighting) -> str:
    """The line of a code, tag or app report (a packet needs its payload: see `ble_line`).

    Raises:
        ValueError: the sighting's token is of another kind.
    """
    match sighting.token:
        case CodeText(symbology, text):
            what: dict[str, object] = {"receiver": sighting.receiver, "symbology": symbology, "text": text}
        case NfcTag(ndef):
            what = {"receiver": sighting.receiver, "ndef": ndef.hex()}
        case AppReport(member, seen):
            what = {"member": member, "seen": [_heard_fields(heard) for heard in seen]}
        case token:
            msg = f"a capture has no line for a sighting of {type(token).__name__}: write its packet with ble_line"
            raise ValueError(msg)
    return _json({"t": t_s, "medium": sighting.medium} | what)


def input_line(t_s: float, content: ReceiverHealth | ClockSet | DocumentFile | Ask) -> str:
    """The line of anything that is no sighting."""
    match content:
        case ReceiverHealth(receiver, status):
            return _json({"t": t_s, "health": status, "receiver": receiver})
        case ClockSet(clock, utc_s):
            return _json({"t": t_s, "clock": clock, "utc": rfc3339(utc_s)})
        case DocumentFile(name, digest, path):
            return _json({"t": t_s, "document": name, "digest": digest, "path": path})
        case Ask(body):
            return _json({"t": t_s, "ask": body})


def _sightings(fields: Fields) -> tuple[Sighting, ...]:
    return _MEDIA[fields.one_of("medium", *_MEDIA)](fields)


def _packet(fields: Fields) -> tuple[Sighting, ...]:
    receiver, address = _name(fields, "receiver"), fields.optional_text("address")
    rssi_dbm = fields.optional_number("rssi_dbm")
    payload, age_s = fields.octets("payload", MAX_PAYLOAD_BYTES), fields.optional_number("age_s") or 0.0
    if not 0 <= age_s <= OLDEST_S:
        raise fields.wrong("age_s", f"write seconds from 0 to {OLDEST_S:g}")
    return tuple(Sighting("ble", receiver, token, rssi_dbm, address, age_s) for token in tokens_in(payload))


def _code(fields: Fields, medium: Medium = "code") -> tuple[Sighting, ...]:
    return (Sighting(medium, _name(fields, "receiver"), CodeText(_name(fields, "symbology"), fields.text("text"))),)


def _pass(fields: Fields) -> tuple[Sighting, ...]:
    return _code(fields, NFC_WALLET)


def _tag(fields: Fields) -> tuple[Sighting, ...]:
    fields.optional_text("uid")
    ndef = fields.octets("ndef", MAX_NDEF_BYTES) if "ndef" in fields else b""
    return (Sighting("nfc", _name(fields, "receiver"), NfcTag(ndef)),)


def _report(fields: Fields) -> tuple[Sighting, ...]:
    seen = tuple(_heard(each) for each in fields.objects("seen", MAX_HEARD))
    return (Sighting("app", "app", AppReport(_name(fields, "member"), seen)),)


def _heard(fields: Fields) -> HeardBeacon:
    if "light" in fields:
        heard = HeardBeacon(_lamp(fields), UNDER_A_LAMP_DBM)
    else:
        beacon = _name(fields, "beacon") if "beacon" in fields else _ibeacon(fields)
        heard = HeardBeacon(beacon, fields.number("rssi_dbm"))
    fields.finish()
    return heard


def _lamp(fields: Fields) -> BeaconId:
    light = fields.text("light").lower()
    if _LIGHT.fullmatch(light) is None:
        raise fields.wrong("light", "write 1 to 32 digits in hex")
    return BeaconId(LIGHT, light)


def _ibeacon(fields: Fields) -> BeaconId:
    uuid = fields.text("uuid").lower()
    if _UUID.fullmatch(uuid) is None:
        raise fields.wrong("uuid", "write 32 hex digits as 8-4-4-4-12")
    return BeaconId(IBEACON, f"{uuid}/{fields.integer('major', 0xFFFF)}/{fields.integer('minor', 0xFFFF)}")


def _health(fields: Fields) -> ReceiverHealth:
    return ReceiverHealth(_name(fields, "receiver"), fields.one_of("health", "up", "down"))


def _clock(fields: Fields) -> ClockSet:
    return ClockSet(fields.one_of("clock", "synced", "unset"), _utc(fields, "utc"))


def _document(fields: Fields) -> DocumentFile:
    name, digest = fields.one_of("document", *DOCUMENT_NAMES), fields.text("digest")
    if _DIGEST.fullmatch(digest) is None:
        raise fields.wrong("digest", "write sha256: and the 64 hex digits (lower case) of the file's SHA-256")
    path = fields.text("path")
    if "\0" in path:
        raise fields.wrong("path", "write the path of a file")
    return DocumentFile(name, digest, path)


def _ask(fields: Fields) -> Ask:
    return Ask(fields.mapping("ask"))


def _fed(fields: Fields) -> FedRows:
    feed, serial = fields.one_of("feed", *FEED_NAMES), fields.integer("serial", MAX_SERIAL)
    return FedRows(feed, serial, tuple(fields.mappings("rows", MAX_ROWS)))


def _name(fields: Fields, key: str) -> str:
    name = fields.text(key)
    if len(name) > MAX_NAME_CHARS:
        raise fields.wrong(key, f"write at most {MAX_NAME_CHARS} characters")
    return name


def _utc(fields: Fields, key: str) -> float:
    text = fields.text(key)
    try:
        utc_s = from_rfc3339(text)
    except (ValueError, OverflowError) as error:
        raise fields.wrong(key, "write it in UTC as 2026-01-05T09:00:00Z") from error
    if not 0 <= utc_s <= LATEST_UTC_S:
        raise fields.wrong(key, "write a time between 1970 and 2100")
    return utc_s


def _heard_fields(heard: HeardBeacon) -> dict[str, object]:
    if isinstance(heard.beacon, str):
        return {"beacon": heard.beacon, "rssi_dbm": heard.rssi_dbm}
    if heard.beacon.format == LIGHT:
        return {"light": heard.beacon.value}
    if heard.beacon.format != IBEACON:
        msg = f"an app reports beacons by id, as {IBEACON} or by {LIGHT}, not {heard.beacon.format}"
        raise ValueError(msg)
    uuid, major, minor = heard.beacon.value.split("/")
    return {"uuid": uuid, "major": int(major), "minor": int(minor), "rssi_dbm": heard.rssi_dbm}


def _json(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


_MEDIA: Final[Mapping[str, Callable[[Fields], tuple[Sighting, ...]]]] = {
    "ble": _packet,
    "code": _code,
    NFC_WALLET: _pass,
    "nfc": _tag,
    "app": _report,
}
_CONTENTS: Final[Mapping[str, Callable[[Fields], Content]]] = {
    "medium": _sightings,
    "health": _health,
    "clock": _clock,
    "document": _document,
    "feed": _fed,
    "ask": _ask,
}
