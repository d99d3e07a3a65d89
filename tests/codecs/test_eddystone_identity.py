"""Eddystone-EID against published known answers, from the key to the frame on the air."""

import json

import pytest

from gateway.codecs.adverts import decode_payload, encode_payload
from gateway.codecs.adverts.eddystone_eid import EddystoneEid
from gateway.codecs.eddystone_identity import ephemeral_id, registered_key
from tests.corpora import CRYPTO

VECTORS = json.loads((CRYPTO / "eddystone_eid.json").read_text())["vectors"]
OWN_KEY = bytes.fromhex("00112233445566778899aabbccddeeff")


@pytest.mark.parametrize("vector", [each for each in VECTORS if "eid" in each], ids=lambda each: each["id"])
def test_a_published_identifier_is_computed_and_read_from_the_air(vector):
    eid = ephemeral_id(bytes.fromhex(vector["identity_key"]), vector["k"], vector["beacon_time_s"])
    assert eid.hex() == vector["eid"]
    assert decode_payload(encode_payload(EddystoneEid(-29, eid))).frames == (EddystoneEid(-29, eid),)


@pytest.mark.parametrize("vector", [each for each in VECTORS if "shared_secret" in each], ids=lambda each: each["id"])
def test_a_published_registration_gives_its_key(vector):
    private, public = bytes.fromhex(vector["resolver_private"]), bytes.fromhex(vector["beacon_public"])
    assert registered_key(private, public).hex() == vector["identity_key"]


def test_what_no_beacon_has_is_refused():
    for exponent, time_s in ((16, 0), (-1, 0), (0, 1 << 32), (0, -1)):
        with pytest.raises(ValueError, match="exponent"):
            ephemeral_id(OWN_KEY, exponent, time_s)
