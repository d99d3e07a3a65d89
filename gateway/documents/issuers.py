"""The issuers document: whose word a member's code is taken on, from JSON."""

import base64
from typing import Final, Literal

from pydantic import Field

from gateway.codecs.cose import CoseError, key_from
from gateway.documents.form import Form, Name, fill, invalid, read_json
from gateway.model.issuers import Issuers

DOCUMENT: Final = "issuers"
MOST_KEYS: Final = 64


class _IssuersForm(Form):
    document: Literal["issuers"]
    serial: int = Field(ge=0)
    keys: dict[Name, str] = Field(max_length=MOST_KEYS)


def compile_issuers(raw: bytes) -> Issuers:
    """The issuers of `raw`, a JSON object `{"document": "issuers", "serial": 3, "keys": {"loyalty-2026": "base64"}}`.

    Raises:
        DocumentRefused: `malformed` or `invalid`, with the key that is wrong.
    """
    form = fill(_IssuersForm, read_json(raw, DOCUMENT), DOCUMENT)
    return Issuers(form.serial, {name: _octets(name, text) for name, text in form.keys.items()})


def _octets(name: str, text: str) -> bytes:
    try:
        octets = base64.b64decode(text, validate=True)
        key_from(octets)
    except (ValueError, CoseError) as error:
        hint = "Write base64 of the 32 bytes of an Ed25519 key, or of a point of P-256 (65 bytes, compressed 33)"
        raise invalid(DOCUMENT, f"keys.{name}", f"it is no public key: {error}", hint) from error
    return octets
