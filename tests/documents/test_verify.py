"""Trust: what a signature binds, and what is refused under which code."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.signing import public_key_text, sign_manifest
from gateway.documents.refusal import DocumentRefused
from gateway.documents.verify import BOUNDS, Manifest, TrustOptions, inline_content, read_manifest, verify

HEAD_OFFICE = Ed25519PrivateKey.from_private_bytes(bytes(32))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01")
TRUST = TrustOptions({"hq-2026": public_key_text(HEAD_OFFICE)})
CONTENT = b'{"document": "campaigns"}'


def manifest(content: bytes = CONTENT, key: Ed25519PrivateKey = HEAD_OFFICE, **changes: object) -> Manifest:
    signed = sign_manifest(
        content, tenant="acme", store="0042", name="campaigns", serial=55, key="hq-2026", private_key=key
    )
    return read_manifest(json.dumps({**signed, **changes}).encode(), "campaigns")


def code_of(
    announced: Manifest,
    content: bytes = CONTENT,
    *,
    store: str = "0042",
    name: str = "campaigns",
    current: int | None = None,
) -> str:
    try:
        verify(name, announced, content, tenant="acme", store=store, trust=TRUST, current_serial=current)
    except DocumentRefused as refused:
        return refused.code
    return "taken"


def test_a_document_of_head_office_is_taken_and_heard_again() -> None:
    assert code_of(manifest()) == "taken"
    assert code_of(manifest(), current=55) == "taken"
    assert code_of(manifest(), current=54) == "taken"


def test_what_does_not_belong_together_is_refused_by_code() -> None:
    assert code_of(manifest(key=STRANGER)) == "bad_signature"
    assert code_of(manifest(), store="0043") == "bad_signature"
    assert code_of(manifest(), name="products") == "bad_signature"
    assert code_of(manifest(serial=56)) == "bad_signature"
    assert code_of(manifest(signature="not base64")) == "bad_signature"
    assert code_of(manifest(signature="é")) == "bad_signature"
    assert code_of(manifest(), current=56) == "older_serial"
    assert code_of(manifest(), CONTENT + b" ") == "wrong_size"
    assert code_of(manifest(), CONTENT.replace(b"c", b"d", 1)) == "wrong_digest"
    assert code_of(manifest(size=BOUNDS["campaigns"] + 1)) == "too_large"


def test_an_unknown_signer_and_a_useless_key_are_told_apart_in_words() -> None:
    with pytest.raises(DocumentRefused, match="'hq-2026', which is not trusted here") as unknown:
        verify("campaigns", manifest(), CONTENT, tenant="acme", store="0042", trust=TrustOptions())
    with pytest.raises(DocumentRefused, match="it holds 1 bytes") as useless:
        verify("campaigns", manifest(), CONTENT, tenant="acme", store="0042", trust=TrustOptions({"hq-2026": "YQ=="}))
    assert unknown.value.code == useless.value.code == "unknown_key"


def test_keys_of_newer_peers_are_ignored_and_missing_ones_named() -> None:
    assert manifest(compression="zstd").serial == 55
    with pytest.raises(DocumentRefused) as caught:
        read_manifest(b'{"serial": 1}', "campaigns")
    assert (caught.value.code, caught.value.key) == ("bad_manifest", "digest")


def test_inline_content() -> None:
    assert inline_content("campaigns", manifest(inline=base64.b64encode(CONTENT).decode())) == CONTENT
    assert inline_content("campaigns", manifest(url="https://hq.example/c.json")) is None
    with pytest.raises(DocumentRefused, match="inline is not base64"):
        inline_content("campaigns", manifest(inline="*"))
