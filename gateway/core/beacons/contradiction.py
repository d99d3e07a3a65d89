"""Two receivers that cannot both be right: one transmitter in two spots, or faster than anybody walks."""

from collections.abc import Mapping
from math import dist, log10
from typing import Final

from gateway.core.beacons.place import LEARNED
from gateway.model.beacons import BeaconState
from gateway.model.documents import FloorPlan

NEAR_DBM: Final = -65.0
"""Weaker packets say too little of where their sender is."""
LOUDEST_AT_1_M_DBM: Final = -35.0
"""No beacon is louder one metre away. In recordings of a bay with strong transmitters (SAL-RB-Dataset) 75,525 pairs of
receivers heard one packet, and none of them asks for more than -35.8 dBm."""
FADING_DB: Final = 10.0
"""A packet is at most so much louder than the learned mean: reflections that add up."""
FASTEST_M_S: Final = 5.0
"""Nobody carries a beacon faster through a shop (metres a second)."""
REMEMBERED_S: Final = 10.0
"""A loud packet is compared with those of other receivers for so long (seconds)."""

_Heard = tuple[float, float]

Spot = tuple[str | None, tuple[float, float]]
"""A floor, and metres on it."""


def spots_of(plan: FloorPlan) -> Mapping[str, Spot]:
    """Where each receiver stands, without those that the floor plan gives no place."""
    floors = {zone.id: zone.floor for zone in plan.zones.values()}
    return {each.id: (floors.get(each.zone or ""), each.at) for each in plan.receivers.values() if each.at is not None}


def loudest_at_1_m_dbm(state: BeaconState | None) -> float:
    """How loud a beacon can be one metre away: as learned, where the floor plan says where it is; else as any can."""
    if state is None or (at := state.at) is None:
        return LOUDEST_AT_1_M_DBM
    learned = [
        level.dbm + 20 * log10(max(1.0, dist(at, level.at)))
        for level in state.levels
        if level.lessons >= LEARNED and level.at is not None
    ]
    return min(LOUDEST_AT_1_M_DBM, max(learned, default=LOUDEST_AT_1_M_DBM) + FADING_DB)


def farthest_m(rssi_dbm: float, at_1_m_dbm: float) -> float:
    """How far away a beacon can be that is so loud (dBm) at most at one metre (metres): in the open, 20 dB a tenfold.

    Source: Friis' transmission formula, whose loss everything in a shop but reflections only adds to.
    """
    return float(10 ** ((at_1_m_dbm - rssi_dbm) / 20))


class Nearness:
    """The loud packets of one transmitter that is `at_1_m_dbm` loud at most, the latest of each receiver."""

    def __init__(self, at_1_m_dbm: float = LOUDEST_AT_1_M_DBM) -> None:
        self._at_1_m_dbm = at_1_m_dbm
        self._heard: dict[str, _Heard] = {}

    def contradicts(self, receiver: str, rssi_dbm: float, mono_s: float, spots: Mapping[str, Spot]) -> bool:
        """Whether a loud packet, kept from now on, cannot come from where another receiver just heard one.

        The two lie within `farthest_m` of their receivers, and one walked between them at most.
        """
        here = spots.get(receiver)
        if here is None:
            return False
        reach_m = farthest_m(rssi_dbm, self._at_1_m_dbm)
        self._heard[receiver] = (reach_m, mono_s)
        for other, (other_reach_m, heard_s) in self._heard.items():
            there = spots.get(other)
            if there is None or there[0] != here[0] or mono_s - heard_s > REMEMBERED_S:
                continue
            if reach_m + other_reach_m + FASTEST_M_S * (mono_s - heard_s) < dist(here[1], there[1]):
                return True
        return False
