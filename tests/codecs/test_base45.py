"""Base45 against the examples of RFC 9285, and back for every byte string."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.base45 import Base45Error, decode_base45, encode_base45


@pytest.mark.parametrize(
    ("octets", "text"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0"), (b"", "")],
)
def test_the_standards_examples(octets: bytes, text: str) -> None:
    assert encode_base45(octets) == text
    assert decode_base45(text) == octets


@given(st.binary(max_size=100))
def test_what_was_encoded_is_decoded(octets: bytes) -> None:
    assert decode_base45(encode_base45(octets)) == octets


@pytest.mark.parametrize(
    ("text", "cut_short"), [("GGW", False), ("BB8a", False), ("bb8", False), ("BB8B", True), ("BB8::", True)]
)
def test_what_is_no_base45_is_refused(text: str, cut_short: bool) -> None:
    with pytest.raises(Base45Error) as refused:
        decode_base45(text)
    assert refused.value.cut_short is cut_short
