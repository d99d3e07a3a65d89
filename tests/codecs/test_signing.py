"""Signing and checking are a pair."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs.signing import (
    digest_of,
    public_key_from,
    public_key_text,
    sign_manifest,
    signature_holds,
    signing_text,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_the_signed_text_is_that_of_the_wire() -> None:
    text = signing_text(tenant="acme", store="0042", name="campaigns", serial=55, digest=digest_of(b""))
    empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert text == f"proximity-document-v1\nacme\n0042\ncampaigns\n55\n{empty}\n".encode()


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 1 << 40))
def test_what_is_signed_holds_and_nothing_else(content: bytes, serial: int) -> None:
    manifest = sign_manifest(
        content, tenant="acme", store="0042", name="members", serial=serial, key="hq", private_key=KEY
    )
    public = public_key_from(public_key_text(KEY))

    def holds(signed_serial: int, signed: bytes) -> bool:
        text = signing_text(tenant="acme", store="0042", name="members", serial=signed_serial, digest=digest_of(signed))
        return signature_holds(public, text, str(manifest["signature"]))

    assert manifest["size"] == len(content)
    assert holds(serial, content)
    assert not holds(serial + 1, content)
    assert not holds(serial, content + b"x")


@pytest.mark.parametrize("text", ["", "*", "YQ==", "é"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it (is|holds) "):
        public_key_from(text)
