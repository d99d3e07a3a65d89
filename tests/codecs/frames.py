"""Strategies that make frames of every format, within the ranges that can be sent."""

from hypothesis import strategies as st

from gateway.codecs.adverts import (
    AltBeacon,
    EddystoneEid,
    EddystoneEtlm,
    EddystoneTlm,
    EddystoneUid,
    EddystoneUrl,
    Frame,
    IBeacon,
    MemberTokenFrame,
)


def octets(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


POWERS = st.integers(-128, 127)
WORDS = st.integers(0, 0xFFFF)
LONG_WORDS = st.integers(0, 0xFFFF_FFFF)
TEMPERATURES = st.none() | st.integers(-0x7FFF, 0x7FFF).map(lambda steps: steps / 256)
URLS = st.builds(
    "{}{}{}".format,
    st.sampled_from(("http://www.", "https://www.", "http://", "https://")),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=8),
    st.sampled_from(("", ".com", ".com/", ".org/A7", ".info", ".fr/", ".gov/~x")),
)

FRAMES: dict[str, st.SearchStrategy[Frame]] = {
    "ibeacon": st.builds(IBeacon, st.uuids().map(str), WORDS, WORDS, POWERS),
    "altbeacon": st.builds(AltBeacon, WORDS, octets(20), POWERS, st.integers(0, 0xFF)),
    "eddystone_uid": st.builds(EddystoneUid, POWERS, octets(10), octets(6)),
    "eddystone_url": st.builds(EddystoneUrl, POWERS, URLS),
    "eddystone_tlm": st.builds(
        EddystoneTlm,
        st.none() | st.integers(1, 0xFFFF),
        TEMPERATURES,
        LONG_WORDS,
        LONG_WORDS.map(lambda ticks: ticks / 10),
    ),
    "eddystone_etlm": st.builds(EddystoneEtlm, octets(12), octets(2), octets(2)),
    "eddystone_eid": st.builds(EddystoneEid, POWERS, octets(8)),
    "member_token": st.builds(MemberTokenFrame, st.just("service_data"), st.just(1), octets(8), POWERS)
    | st.builds(MemberTokenFrame, st.just("service_uuid"), st.just(1), octets(8), st.none()),
}
