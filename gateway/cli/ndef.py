"""`ndef`: what NFC tags say."""

import json
import sys
from typing import Annotated

import typer

from gateway.cli.inputs import hex_refusal, inputs
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
    status = 0
    for place, text in inputs(messages, strip=True):
        refusal = hex_refusal(text, MAX_MESSAGE_BYTES, what="a message", example="d1010c55046578616d706c652e636f6d")
        if refusal:
            print(f"{place}: {refusal}", file=sys.stderr)
            status = 2
            continue
        line = line_of(bytes.fromhex(text))
        print(json.dumps(line))
        status = max(status, int("problem" in line))
    raise typer.Exit(status)


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
