"""Floor plans from TOML: what compiles, what is worked out, and what is refused in which words."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.documents.floorplan import compile_floorplan
from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import Beacon, FloorPlan, Marker, Receiver, RotatingKey
from gateway.model.sighting import BeaconId

STORE = '[store]\nid = "0042"\ntenant = "acme"\ntimezone = "Europe/Paris"\nlanguages = ["fr", "en"]\n'
ZONES = """
[[zones]]
id = "shoes"
kind = "aisle"
polygon = [[0, 0], [6, 0], [6, 5], [0, 5]]
adjacent = ["door"]
[[zones]]
id = "door"
kind = "entrance"
polygon = [[6, 0], [9, 0], [9, 5], [6, 5]]
floor = 0
sensitive = true
"""
IBEACON = 'format = "ibeacon"\nuuid = "5F1D0000-0000-4000-8000-00805F9B0001"\nmajor = 42\nminor = 7\n'
CORPORA = Path(__file__).parents[3] / "shared" / "corpora" / "radio"


def compiled(text: str) -> FloorPlan:
    return compile_floorplan((STORE + ZONES + text).encode())


def refused(text: str) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as caught:
        compile_floorplan(text.encode())
    return caught.value


def test_a_shop_compiles() -> None:
    plan = compiled("")
    assert (plan.store, plan.tenant, plan.timezone, plan.languages) == ("0042", "acme", "Europe/Paris", ("fr", "en"))
    assert plan.zones["shoes"].polygon == ((0.0, 0.0), (6.0, 0.0), (6.0, 5.0), (0.0, 5.0))
    assert (plan.zones["shoes"].adjacent, plan.zones["door"].floor, plan.zones["door"].sensitive) == (
        ("door",),
        "0",
        True,
    )


def test_a_receivers_kind_defaults_and_its_place_gives_its_zone() -> None:
    plan = compiled(
        '[[receivers]]\nid = "gw-1"\nat = [1.0, 2.5]\n'
        '[[receivers]]\nid = "gw-2"\nat = [1.0, 2.5]\nzone = "door"\n'
        '[[receivers]]\nid = "far"\nkind = "camera"\nat = [100, 100]\n'
    )
    assert plan.receivers["gw-1"] == Receiver("gw-1", "adapter", (1.0, 2.5), "shoes")
    assert plan.receivers["gw-2"].zone == "door"
    assert plan.receivers["far"] == Receiver("far", "camera", (100.0, 100.0), None)


def test_a_point_on_a_shared_wall_is_in_one_zone() -> None:
    assert compiled('[[receivers]]\nid = "wall"\nat = [6.0, 2.0]\n').receivers["wall"].zone == "door"


@pytest.mark.parametrize(
    ("keys", "identity"),
    [
        (IBEACON, BeaconId("ibeacon", "5f1d0000-0000-4000-8000-00805f9b0001/42/7")),
        (f'format = "altbeacon"\nbeacon_id = "{"AB" * 20}"\n', BeaconId("altbeacon", "ab" * 20)),
        (
            f'format = "eddystone_uid"\nnamespace = "{"0A" * 10}"\ninstance = "{"01" * 6}"\n',
            BeaconId("eddystone_uid", f"{'0a' * 10}/{'01' * 6}"),
        ),
        ('format = "light"\nlight = "0A1B"\n', BeaconId("light", "0a1b")),
        ('format = "eddystone_eid"\neid = "0011223344556677"\n', BeaconId("eddystone_eid", "0011223344556677")),
    ],
)
def test_beacons_are_known_by_what_they_say(keys: str, identity: BeaconId) -> None:
    plan = compiled(f'[[beacons]]\nid = "b-7"\nat = [5.5, 0.2]\n{keys}')
    assert plan.beacons["b-7"] == Beacon("b-7", identity, (5.5, 0.2), "shoes")


KEYED = 'format = "eddystone_eid"\nidentity_key = "00112233445566778899AABBCCDDEEFF"\nrotation_exponent = 10\n'
COUNTED = "counted_from = 2026-01-05T09:00:00Z\n"


def test_a_beacon_whose_name_rotates_is_known_by_its_key() -> None:
    plan = compiled(f'[[beacons]]\nid = "fob"\nmobile = true\n{KEYED}{COUNTED}')
    key = RotatingKey(bytes.fromhex("00112233445566778899aabbccddeeff"), 10, 1_767_603_600.0)
    assert plan.beacons["fob"] == Beacon("fob", BeaconId("eddystone_eid", "key:fob"), mobile=True, key=key)


@pytest.mark.parametrize(
    ("keys", "key", "problem"),
    [
        (KEYED, "counted_from", "counted_from goes with eddystone_eid"),
        (KEYED + COUNTED + 'eid = "0011223344556677"\n', "identity_key", "without eid"),
        (KEYED.replace("EEFF", "EE") + COUNTED, "identity_key", "is not 16 bytes in hex"),
        (KEYED.replace("10", "16") + COUNTED, "rotation_exponent", "16 is not from 0 to 15"),
        (KEYED + COUNTED.replace("Z", ""), "counted_from", "it has no offset"),
        (IBEACON + COUNTED, "identity_key", "identity_key goes with eddystone_eid"),
    ],
)
def test_a_key_is_whole_and_right(keys: str, key: str, problem: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        compiled(f'[[beacons]]\nid = "fob"\n{keys}')
    assert refused.value.key == f"beacons[0].{key}"
    assert problem in str(refused.value)
    assert "112233" not in str(refused.value)


def test_markers_stand_for_one_thing_and_products_have_14_digits() -> None:
    plan = compiled('[[markers]]\nid = "A7"\nproduct = "9506000134352"\n[[markers]]\nid = "B1"\nzone = "door"\n')
    assert plan.markers == {"A7": Marker("A7", product="09506000134352"), "B1": Marker("B1", zone="door")}


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        (STORE + ZONES + "colour = 3\n", "zones[1].colour", "this key is not known"),
        (STORE.replace('tenant = "acme"\n', "") + ZONES, "store.tenant", "this key is missing"),
        (STORE.replace("Paris", "Pariss") + ZONES, "store.timezone", "there is no time zone 'Europe/Pariss'"),
        (STORE.replace("Europe/Paris", "../etc/passwd") + ZONES, "store.timezone", "there is no time zone"),
        (STORE.replace('"fr"', '"french!"') + ZONES, "store.languages[0]", "not of the form"),
        (STORE, "zones", "this key is missing"),
        (STORE + '[[zones]]\nid = "a"\nkind = "b"\npolygon = [[0, 0], [1, 1]]', "zones[0].polygon", "it has 2 corners"),
        (
            STORE + '[[zones]]\nid = "a"\nkind = "b"\npolygon = [[0, 0], [1, 1], [2, 2]]',
            "zones[0].polygon",
            "it has no area",
        ),
        (
            STORE + '[[zones]]\nid = "a"\nkind = "b"\npolygon = [[0, 0], [1], [2, 2]]',
            "zones[0].polygon[1]",
            "[1.0] is not a place",
        ),
        (STORE + '[[zones]]\nid = "a b"\nkind = "b"', "zones[0].id", "not of the form"),
        (STORE + ZONES + '[[zones]]\nid = "door"\nkind = "b"', "zones[2].id", "'door' is used twice"),
        (STORE + ZONES.replace('["door"]', '["dor"]'), "zones[0].adjacent[0]", "there is no zone 'dor'"),
        (STORE + ZONES + '[[receivers]]\nid = "r"\nzone = "x"', "receivers[0].zone", "there is no zone 'x'"),
        (STORE + ZONES + '[[receivers]]\nid = "r"\nat = [nan, 1]', "receivers[0].at", "is not a place"),
        (STORE + ZONES + '[[receivers]]\nid = "r"\nkind = "radar"', "receivers[0].kind", "should be 'adapter'"),
        (STORE + ZONES + '[[beacons]]\nid = "b"\nformat = "ibecon"', "beacons[0].format", "no beacon format 'ibecon'"),
        (
            STORE + ZONES + f'[[beacons]]\nid = "b"\n{IBEACON}'.replace("minor = 7\n", ""),
            "beacons[0].minor",
            "minor is missing: a beacon of format ibeacon has uuid, major, minor",
        ),
        (
            STORE + ZONES + f'[[beacons]]\nid = "b"\n{IBEACON}eid = "00"',
            "beacons[0].eid",
            "eid does not go with it",
        ),
        (STORE + ZONES + '[[beacons]]\nid = "b"\nformat = "eddystone_eid"', "beacons[0].eid", "eid is missing"),
        (
            STORE + ZONES + f'[[beacons]]\nid = "b"\n{IBEACON}'.replace("42", "65536"),
            "beacons[0].major",
            "65536 is not from 0 to 65535",
        ),
        (STORE + ZONES + f'[[beacons]]\nid = "b"\n{IBEACON}'.replace("5F1D", "5F1"), "beacons[0].uuid", "not a UUID"),
        (
            STORE + ZONES + '[[beacons]]\nid = "b"\nformat = "altbeacon"\nbeacon_id = "00"',
            "beacons[0].beacon_id",
            "'00' is not 20 bytes in hex (40 digits)",
        ),
        (
            STORE + ZONES + f'[[beacons]]\nid = "a"\n{IBEACON}[[beacons]]\nid = "b"\n{IBEACON}',
            "beacons[1]",
            "'b' transmits the same identity as 'a'",
        ),
        (
            STORE + ZONES + f'[[beacons]]\nid = "a"\n{IBEACON}mobile = true\nzone = "door"',
            "beacons[0].mobile",
            "a mobile beacon has no place of its own",
        ),
        (STORE + ZONES + '[[markers]]\nid = "A7"', "markers[0]", "a marker stands for exactly one thing"),
        (
            STORE + ZONES + '[[markers]]\nid = "A7"\nproduct = "09506000134353"',
            "markers[0].product",
            "the check digit of 09506000134353 is wrong",
        ),
        (STORE + ZONES + '[[markers]]\nid = "A7"\nzone = "x"', "markers[0].zone", "there is no zone 'x'"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(text: str, key: str, problem: str) -> None:
    refusal = refused(text)
    assert (refusal.code, refusal.document, refusal.key) == ("invalid", "floorplan", key)
    assert problem in refusal.problem
    assert refusal.hint
    assert str(refusal).startswith(f"floorplan: {key}: ")


def test_what_is_not_toml_is_said_with_its_place() -> None:
    refusal = refused('[store\nid = "x"')
    assert refusal.code == "malformed"
    assert "line 1" in refusal.problem


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_be_refused(raw: bytes) -> None:
    with pytest.raises(DocumentRefused):
        compile_floorplan(raw)


@pytest.mark.skipif(not CORPORA.exists(), reason="the recordings are kept beside the repository")
@pytest.mark.parametrize(
    ("shop", "zones", "receivers"), [("doorway", 2, 10), ("mall", 9, 0), ("office", 9, 12), ("sectors", 28, 0)]
)
def test_the_shops_of_the_recordings_compile(shop: str, zones: int, receivers: int) -> None:
    plan = compile_floorplan((CORPORA / shop / "floorplan.toml").read_bytes())
    assert (len(plan.zones), len(plan.receivers)) == (zones, receivers)
