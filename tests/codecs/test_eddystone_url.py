"""Addresses squeezed and expanded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.adverts import EddystoneUrl, decode_payload, eddystone, encode_payload
from gateway.codecs.adverts.eddystone_url import compress, expand
from tests.codecs.frames import URLS


@given(URLS)
def test_there_and_back(url: str) -> None:
    assert expand(compress(url)) == url


@given(st.binary(max_size=30))
def test_no_bytes_raise_and_what_is_expanded_is_printable(encoded: bytes) -> None:
    url = expand(encoded)
    assert url is None or (url.isascii() and url.isprintable() and " " not in url)


@pytest.mark.parametrize("code", [*range(0x0E, 0x21), *range(0x7F, 0x100)])
def test_reserved_codes_are_no_address(code: int) -> None:
    assert expand(bytes((0x02, ord("a"), code))) is None


@pytest.mark.parametrize("encoded", ["", "04", "04676f"])
def test_no_scheme_and_a_wrong_scheme_are_no_address(encoded: str) -> None:
    assert expand(bytes.fromhex(encoded)) is None


def test_the_longest_and_the_shortest_address() -> None:
    for size in (0, 17):
        frame = EddystoneUrl(-20, "http://" + "a" * size)
        assert decode_payload(encode_payload(frame)).frames == (frame,)


def test_an_address_longer_than_a_frame_is_neither_sent_nor_read() -> None:
    with pytest.raises(ValueError, match="takes 18 bytes when encoded and 17 fit"):
        encode_payload(EddystoneUrl(-20, "http://" + "a" * 18))
    assert decode_payload(eddystone.payload_of(b"\x10\x00\x02" + b"a" * 18)).frames == ()


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("ftp://a.com", "begin with http:// or https://"),
        ("https://café.fr", "percent-encode it"),
        ("https://a b", "percent-encode it"),
    ],
)
def test_what_cannot_be_squeezed_is_refused(url: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        compress(url)
