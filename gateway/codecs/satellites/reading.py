"""A reading on its way from a satellite gateway: a code or tag that somebody held up, told until it is taken.

Source: "A gateway as a satellite" of the formats. Radio is told in batches and forgotten; a reading is numbered within
its stream (the satellite's incarnation), sent one at a time, and answered once the shop's gateway has committed it.
"""

import json
from dataclasses import dataclass
from typing import Final, Literal

from gateway.codecs.json_fields import FieldError, Fields
from gateway.codecs.satellites.report import NotRead
from gateway.model.sighting import CodeText, NfcTag, Sighting

READINGS: Final = "readings"
"""The level below a gateway's sightings where its satellites publish readings, each under its incarnation."""
TAKEN: Final = "taken"
"""The level beside it where they hear how far theirs are taken."""
MOST_READINGS: Final = 10**15 - 1
"""The highest sequence: JSON's numbers hold it exactly (RFC 8259, 6)."""
MOST_NDEF_BYTES: Final = 32_768
"""A Type 4 tag holds no more (NFC Forum T4T, 4.2)."""
Refusal = Literal["unknown_receiver", "not_understood"]
"""Why nothing comes of a reading: no source of the shop's gateway names its receiver, or it is none to that version."""
MOST_AGE_MS: Final = 366 * 86_400_000
"""An older reading is told as this old (milliseconds)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of a sequence (from 1) in its stream: of a code or tag, its `age_s` what the satellite measured.

    `sighting` is None for one that the satellite lost (its disk was damaged), and for one that is not understood: then
    `problem` says why.
    """

    sequence: int
    sighting: Sighting | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The shop's gateway has everything of a stream up to `sequence`; nothing came of that last one if it `refused`."""

    sequence: int
    refused: Refusal | None = None


def encode(reading: Reading) -> bytes:
    """The message of a reading.

    Raises:
        ValueError: it is neither of a code nor of a tag.
    """
    told: dict[str, object] = {"sequence": reading.sequence}
    if reading.sighting is None:
        return _json(told | {"lost": True})
    told |= {"receiver": reading.sighting.receiver, "age_ms": min(MOST_AGE_MS, round(reading.sighting.age_s * 1000))}
    match reading.sighting.token:
        case CodeText(symbology, text):
            told |= {"medium": reading.sighting.medium, "symbology": symbology, "text": text}
        case NfcTag(ndef):
            told |= {"medium": "nfc", "ndef": ndef.hex()}
        case _:
            msg = f"a reading is of a code or a tag, not of {reading.sighting.medium}"
            raise ValueError(msg)
    return _json(told)


def decode(payload: bytes) -> Reading:
    """The reading in a message. Keys of newer satellites are ignored.

    Raises:
        NotRead: it has no place in a stream.
    """
    try:
        fields = Fields.of(payload.decode())
        sequence = _sequence(fields)
    except (FieldError, UnicodeDecodeError) as error:
        raise NotRead(str(error) if isinstance(error, FieldError) else "it is not UTF-8") from error
    try:
        return Reading(sequence, None if "lost" in fields else _sighting(fields))
    except FieldError as error:
        return Reading(sequence, None, str(error))


def encode_taken(taken: Taken) -> bytes:
    """The answer of the shop's gateway."""
    return _json({"sequence": taken.sequence} | ({} if taken.refused is None else {"refused": taken.refused}))


def decode_taken(payload: bytes) -> Taken:
    """What an answer says. A reason of a newer gateway is told as `not_understood`.

    Raises:
        NotRead: it is none.
    """
    try:
        fields = Fields.of(payload.decode())
        sequence = _sequence(fields)
        match fields.optional_text("refused"):
            case None:
                return Taken(sequence)
            case "unknown_receiver" as refused:
                return Taken(sequence, refused)
        return Taken(sequence, "not_understood")
    except (FieldError, UnicodeDecodeError) as error:
        raise NotRead(str(error) if isinstance(error, FieldError) else "it is not UTF-8") from error


def _sighting(fields: Fields) -> Sighting:
    receiver, age_s = fields.text("receiver"), fields.integer("age_ms", MOST_AGE_MS) / 1000
    medium: Literal["code", "nfc", "nfc.wallet"] = fields.one_of("medium", "code", "nfc", "nfc.wallet")
    if medium == "nfc":
        return Sighting("nfc", receiver, NfcTag(fields.octets("ndef", MOST_NDEF_BYTES)), age_s=age_s)
    code = CodeText(fields.text("symbology"), fields.text("text"))
    return Sighting(medium, receiver, code, age_s=age_s)


def _sequence(fields: Fields) -> int:
    sequence = fields.integer("sequence", MOST_READINGS)
    if not sequence:
        raise fields.wrong("sequence", "write 1 or more")
    return sequence


def _json(told: dict[str, object]) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
