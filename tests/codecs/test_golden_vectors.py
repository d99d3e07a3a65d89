"""Known answers of schemes that have several files here, in one place (day keys and identifiers: test_tokens.py)."""

from gateway.codecs.adverts import eddystone_tlm
from gateway.codecs.eddystone_identity import registered_key
from gateway.codecs.eddystone_telemetry import open_telemetry, seal_telemetry
from gateway.codecs.tokens import day_key, token
from gateway.model.sighting import SealedTelemetry

KEY = bytes.fromhex("00112233445566778899aabbccddeeff")
RESOLVER_KEY = bytes(range(32))
BEACON_PUBLIC = bytes.fromhex("358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254")


def test_sealed_telemetry() -> None:
    frame = bytes.fromhex("200178a72252b439df350f591eb5abcddb38")
    sealed = SealedTelemetry(frame[2:14], frame[14:16], frame[16:18])
    plain = bytes.fromhex("0bb81500000004d20000ddd5")
    said = eddystone_tlm.decode(eddystone_tlm.SIGNATURE + plain)
    assert said is not None
    assert open_telemetry(KEY, 10, 0x1FFFF, sealed) == said
    assert seal_telemetry(KEY, 10, 0x1FFFF, sealed.salt, said) == sealed


def test_a_beacons_registration() -> None:
    assert registered_key(RESOLVER_KEY, BEACON_PUBLIC).hex() == "472b971678a8864ce11c81597febdc32"


def test_a_day_key_and_its_identifier() -> None:
    key = day_key(RESOLVER_KEY, "store-0042", 20_000)
    assert key.hex() == "616b81f3af7d435c90d33c28359ee7be"
    assert token(key, 1_920_040).hex() == "d7a8805435fac867"
