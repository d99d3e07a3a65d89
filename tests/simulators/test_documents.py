"""What head office signs in the demo is what the gateway takes."""

from pathlib import Path

import simulators
from gateway.codecs.meanings import MarkerCode, meaning_of
from gateway.documents.campaigns import compile_campaigns
from gateway.documents.floorplan import compile_floorplan
from gateway.documents.members import compile_members
from simulators.campaigns import campaigns_document, sample_campaigns
from simulators.floor import read_floor
from simulators.members import members_document
from simulators.shop import MARKER_URL, invented_cast

OFFICE = Path(simulators.__file__).parent / "shops" / "office.toml"
UTC_S = 1_767_603_600.0


def test_the_office_is_a_floor_plan() -> None:
    plan = compile_floorplan(OFFICE.read_bytes())
    floor = read_floor(OFFICE)
    assert (plan.tenant, plan.store) == (floor.tenant, floor.store)
    assert set(plan.receivers) == {*floor.receivers, *floor.cameras}
    assert {beacon.id for beacon in floor.beacons} == {each.id for each in plan.beacons.values() if not each.mobile}
    assert plan.markers[floor.markers[0]].zone in plan.zones
    assert {plan.zones[str(beacon.zone)].kind for beacon in plan.beacons.values() if beacon.id in floor.entrances} == {
        "entrance"
    }


def test_the_sample_campaigns_compile() -> None:
    compiled = compile_campaigns(campaigns_document(sample_campaigns("A7", dwell_s=5.0), 4))
    triggers = {campaign.id: campaign.trigger for campaign in compiled.campaigns}
    assert compiled.serial == 4
    assert triggers["welcome"].zone_kind == "entrance"
    assert triggers["linger"].after_s == 5.0
    assert triggers["poster"].marker == "A7"
    assert triggers["thanks"].moment == "checked_in"


def test_the_members_document_compiles() -> None:
    cast = invented_cast()
    compiled = compile_members(members_document(cast.members, read_floor(OFFICE).as_store("gw-1"), 9, UTC_S))
    assert set(compiled.members) == {member.handle for member in cast.members}
    assert compiled.valid_from_utc_s is not None
    assert compiled.valid_until_utc_s is not None
    assert compiled.valid_from_utc_s < UTC_S < compiled.valid_until_utc_s


def test_the_code_on_the_wall_is_a_marker_of_the_gateway() -> None:
    assert meaning_of(MARKER_URL + "A7") == MarkerCode("A7")
