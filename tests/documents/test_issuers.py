"""The issuers document: keys of two kinds, and what is wrong with others."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.cose import key_octets
from gateway.documents.issuers import compile_issuers
from gateway.documents.refusal import DocumentRefused
from gateway.model.issuers import Issuers

# The same keys in every process: what is written of them names the tests.
EDWARDS = key_octets(Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key())
POINT = key_octets(derive_private_key(7, SECP256R1()).public_key())


def written(keys: dict[str, bytes], **other: object) -> bytes:
    texts = {name: base64.b64encode(octets).decode() for name, octets in keys.items()}
    return json.dumps({"document": "issuers", "serial": 3, "keys": texts} | other).encode()


def test_keys_of_both_kinds_are_taken():
    keys = {"loyalty-2026": EDWARDS, "loyalty-2027": POINT}
    assert compile_issuers(written(keys)) == Issuers(3, keys)


@pytest.mark.parametrize(
    ("raw", "code", "key"),
    [
        (b"{", "malformed", ""),
        (written({}, more=1), "invalid", "more"),
        (written({"a": EDWARDS[:-1]}), "invalid", "keys.a"),
        (written({"a": b"\x02" + b"\xff" * 32}), "invalid", "keys.a"),
        (b'{"document": "issuers", "serial": 3, "keys": {"a": "not base64!"}}', "invalid", "keys.a"),
        (written({}, serial=-1), "invalid", "serial"),
        (written({f"k{number}": EDWARDS for number in range(65)}), "invalid", "keys"),
    ],
)
def test_what_is_wrong_is_named(raw: bytes, code: str, key: str):
    with pytest.raises(DocumentRefused) as refused:
        compile_issuers(raw)
    assert (refused.value.code, refused.value.key) == (code, key)
