"""Encrypted telemetry against a known answer, and back and forth."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.adverts import decode_payload, encode_payload
from gateway.codecs.adverts.eddystone_etlm import EddystoneEtlm
from gateway.codecs.adverts.eddystone_tlm import EddystoneTlm
from gateway.codecs.eddystone_telemetry import open_telemetry, seal_telemetry

KEY = bytes.fromhex("00112233445566778899aabbccddeeff")
TELEMETRY = EddystoneTlm(3000, 21.0, 1234, 5678.9)


def test_a_known_frame_is_opened_and_sealed() -> None:
    frame = EddystoneEtlm(bytes.fromhex("78a72252b439df350f591eb5"), bytes.fromhex("abcd"), bytes.fromhex("db38"))
    assert decode_payload(encode_payload(frame)).frames == (frame,)
    sealed = seal_telemetry(KEY, 10, 0x1FFFF, frame.salt, TELEMETRY)
    assert (sealed.ciphertext, sealed.mic) == (frame.ciphertext, frame.mic)
    assert open_telemetry(KEY, 10, 0x1FFFF, sealed) == TELEMETRY
    assert open_telemetry(KEY, 10, 0x1FC00, sealed) == TELEMETRY


def test_another_key_window_or_byte_opens_nothing() -> None:
    sealed = seal_telemetry(KEY, 10, 0x1FFFF, b"\xab\xcd", TELEMETRY)
    assert open_telemetry(bytes(16), 10, 0x1FFFF, sealed) is None
    assert open_telemetry(KEY, 10, 0x20000, sealed) is None
    assert open_telemetry(KEY, 10, 0x1FFFF, replace(sealed, salt=b"\xab\xce")) is None
    assert open_telemetry(KEY, 10, 0x1FFFF, replace(sealed, ciphertext=bytes(12))) is None


@given(
    st.binary(min_size=16, max_size=16),
    st.integers(0, 15),
    st.integers(0, 2**32 - 1),
    st.binary(min_size=2, max_size=2),
    st.integers(1, 65_535),
    st.integers(0, 2**32 - 1),
)
def test_what_is_sealed_can_be_opened(
    key: bytes, exponent: int, time_s: int, salt: bytes, battery_mv: int, count: int
) -> None:
    telemetry = EddystoneTlm(battery_mv, -3.5, count, 0.1)
    assert open_telemetry(key, exponent, time_s, seal_telemetry(key, exponent, time_s, salt, telemetry)) == telemetry


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        seal_telemetry(bytes(15), 10, 0, bytes(2), TELEMETRY)
