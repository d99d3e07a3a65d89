"""Recorded walks and a simulated shop give no beacon a bad name: nothing moved and nothing was cloned."""

import json
import os
from pathlib import Path

import pytest

from gateway.codecs.adverts import tokens_in
from gateway.core.engine import Engine
from gateway.core.timeline import tick_due
from gateway.documents.floorplan import compile_floorplan
from gateway.model.beacons import BeaconState
from gateway.model.event import Event
from gateway.model.inputs import Input, Started, Tick
from gateway.model.sighting import Sighting
from gateway.model.time import Now
from simulators.box.happenings import Packet
from simulators.box.living_shop import LivingShop
from simulators.box.store import read_store
from simulators.stage import SHOPS
from tests.corpora import RADIO

BEGAN_UTC_S = 1_767_603_600.0
LASTS_S = 3_600.0 if os.environ.get("PROXIMITY_TEST_COUNTS") == "full" else 400.0
WALKS = [
    path
    for folder in ("office", "doorway", "sectors")
    for path in sorted((RADIO / folder).glob("*.ndjson"))
    if not path.name.endswith(".truth.ndjson") and "survey" not in path.name
]


class _Player:
    """An engine of a floor plan, and what it reported of beacons."""

    def __init__(self, floorplan: Path) -> None:
        plan = compile_floorplan(floorplan.read_bytes())
        self.engine = Engine(incarnation="0" * 16, id_key=bytes(32), floorplan=plan)
        self.reported: list[Event] = []
        self._last_s = 0.0
        self._step(Started("test"), 0.0)

    def give(self, item: Input, t_s: float) -> None:
        while (tick := tick_due(self.engine.deadline_s, self._last_s, _now(t_s))) is not None:
            self._step(Tick(), tick.mono_s)
        self._step(item, t_s)

    def _step(self, item: Input, t_s: float) -> None:
        self._last_s = t_s
        events = self.engine.step(item, _now(t_s)).events
        self.reported += [event for event in events if event.type == "beacon.reported"]


def _now(t_s: float) -> Now:
    return Now(t_s, BEGAN_UTC_S + t_s, "synced", "test")


@pytest.mark.parametrize("walk", WALKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_whoever_carries_a_tag_through_a_recording_makes_no_clone_of_it(walk: Path):
    player = _Player(walk.parent / "floorplan.toml")
    for line in walk.read_text().splitlines()[1:]:
        heard = json.loads(line)
        for token in tokens_in(bytes.fromhex(heard.get("payload", ""))):
            player.give(Sighting("ble", heard["receiver"], token, heard["rssi_dbm"]), heard["t"])
    assert player.reported == []


@pytest.mark.slow
def test_a_busy_hour_in_the_boutique_is_held_against_no_beacon():
    player = _Player(SHOPS / "boutique_floorplan.toml")
    shop = LivingShop(read_store(SHOPS / "boutique.toml"), BEGAN_UTC_S)
    for happened in shop.live():
        for each in happened:
            if isinstance(each, Packet):
                for token in tokens_in(each.payload):
                    player.give(Sighting("ble", each.receiver, token, each.rssi_dbm, each.address), each.t_s)
        if happened and happened[-1].t_s > LASTS_S:
            break
    states = [record for record in player.engine.records().values() if isinstance(record, BeaconState)]
    assert len(states) == 9
    assert {state.verdict for state in states} <= {"ok", "weak"}
    assert {event.data["state"] for event in player.reported} <= {"ok", "weak"}
