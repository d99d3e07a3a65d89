"""`ndef`: what NFC tags say."""

from typing import Annotated

import typer

from gateway.cli.inputs import HexInput, each_in_hex
from gateway.codecs.ndef import (
    MAX_MESSAGE_BYTES,
    NdefError,
    OtherRecord,
    Record,
    SmartPosterRecord,
    TextRecord,
    UriRecord,
    decode,
)


def ndef(
    messages: Annotated[
        list[str] | None,
        typer.Argument(metavar="HEX", help="NDEF messages in hex; from stdin, one a line, if none is given."),
    ] = None,
) -> None:
    """Decode NDEF messages of NFC tags: a JSON object a line with the records found.

    Exit status: 0 all well formed, 1 one or more malformed (`problem`), 2 an input is no message in hex.
    """
    raise typer.Exit(
        each_in_hex(messages, HexInput("a message", MAX_MESSAGE_BYTES, "d1010c55046578616d706c652e636f6d"), line_of)
    )


def line_of(message: bytes) -> dict[str, object]:
    """What `ndef` prints for one message: the message with its records, or with the `problem` that it has."""
    try:
        return {"message": message.hex(), "records": [_fields(record) for record in decode(message)]}
    except NdefError as error:
        return {"message": message.hex(), "problem": str(error)}


def _fields(record: Record) -> dict[str, object]:
    match record:
        case UriRecord(uri):
            return {"type": "urn:nfc:wkt:U", "uri": uri}
        case TextRecord(language, text):
            return {"type": "urn:nfc:wkt:T", "language": language, "text": text}
        case SmartPosterRecord(records):
            return {"type": "urn:nfc:wkt:Sp", "records": [_fields(inner) for inner in records]}
        case OtherRecord(kind, payload):
            return {"type": kind, "payload": payload.hex()}
