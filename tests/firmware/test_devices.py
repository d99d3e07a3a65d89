"""Which devices a floor plan asks for, and what they are called in the network."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.firmware.devices import HOSTNAME_LENGTH, devices_of, hostname
from gateway.model.store import StoreRef
from gateway.uplink.topics import Topics
from tests.firmware.plans import plan


def test_each_beacon_and_satellite_is_told_who_it_is() -> None:
    devices, _ = devices_of(plan(), "gw-1")
    assert [(device.kind, device.id, device.told) for device in devices] == [
        ("beacon", "b-7", {"uuid": "5f1d0000-0000-4000-8000-00805f9b0001", "major": "42", "minor": "7"}),
        (
            "beacon",
            "Große_Säule_am_Eingang_links_hinten",
            {"uuid": "5f1d0000-0000-4000-8000-00805f9b0001", "major": "42", "minor": "8"},
        ),
        ("satellite", "sat-1", {"topic": "proximity/v1/acme/0042/gw-1/sightings/sat-1"}),
    ]


def test_a_satellite_sends_below_its_gateways_topics() -> None:
    *_, satellite = devices_of(plan(), "gw-1")[0]
    assert satellite.told["topic"] == f"{Topics(StoreRef('acme', '0042', 'gw-1')).root}sightings/sat-1"


def test_what_no_esp32_can_be_is_left_out_with_a_reason() -> None:
    _, left_out = devices_of(plan(), "gw-1")
    assert [(each.id, each.reason.partition(":")[0]) for each in left_out] == [
        ("ey-1", "its format is eddystone_uid"),
        ("fob", "it is mobile"),
    ]


def test_a_plain_id_is_the_name_and_another_gets_a_digest() -> None:
    assert hostname("beacon", "b-7") == "beacon-b-7"
    assert hostname("beacon", "B-7") != hostname("beacon", "b-7")
    assert hostname("beacon", "B-7").startswith("beacon-b-7-")


@given(st.text(min_size=1, max_size=64), st.text(min_size=1, max_size=64))
def test_names_are_host_names_and_never_shared(one: str, other: str) -> None:
    for name in (one, other):
        made = hostname("satellite", name)
        assert len(made) <= HOSTNAME_LENGTH
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    assert one == other or hostname("satellite", one) != hostname("satellite", other)
