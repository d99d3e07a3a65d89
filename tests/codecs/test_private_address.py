"""Resolvable private addresses against the vectors of the specification and of a vendor's manual."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.private_address import AddressResolver, ah, is_resolvable

VECTORS = {
    "ec0234a357c8ad05341010a60a397d9b": "70:81:94:0d:fb:aa",
    "be759a027a4870fd242794f4c45220fb": "49:39:70:e5:19:44",
}
"""Keys and addresses: Bluetooth Core, Vol 3, Part H, D.7, and EnOcean's manual of a beacon."""
IRKS = [bytes.fromhex(irk) for irk in VECTORS]


@pytest.mark.parametrize("irk", VECTORS)
def test_the_hash_is_that_of_the_specification(irk: str) -> None:
    octets = bytes.fromhex(VECTORS[irk].replace(":", ""))
    assert ah(bytes.fromhex(irk), octets[:3]) == octets[3:]


def test_each_address_is_found_by_its_key_alone() -> None:
    resolver = AddressResolver(IRKS)
    assert [resolver.index(address.upper()) for address in VECTORS.values()] == [0, 1]
    assert resolver.index("70:81:94:0d:fb:ab") is None
    assert AddressResolver(()).index("70:81:94:0d:fb:aa") is None


@given(
    st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=8, unique=True),
    st.binary(min_size=3, max_size=3),
)
def test_an_address_made_with_a_key_is_found_by_one_that_makes_it(irks: list[bytes], random: bytes) -> None:
    prand = bytes([random[0] & 0x3F | 0x40, *random[1:]])
    place = AddressResolver(irks).index((prand + ah(irks[-1], prand)).hex(":"))
    assert place is not None
    assert ah(irks[place], prand) == ah(irks[-1], prand)


@pytest.mark.parametrize(
    ("address", "form"), [("40:", True), ("7F:", True), ("C0:", False), ("00:", False), ("?", False)]
)
def test_only_the_form_of_such_an_address_is_tried(address: str, form: bool) -> None:
    assert is_resolvable(address) is form
