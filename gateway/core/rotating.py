"""Beacons that say a new name all the time (Eddystone-EID), resolved with their keys although their clocks drift.

The names of the next windows are computed ahead, so that most packets cost a look into a table. A name that nobody is
known by is searched for among the beacons that fell silent, further and further from the time that they should have.
"""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.codecs.adverts import eddystone_tlm
from gateway.codecs.eddystone_identity import ephemeral_id
from gateway.codecs.eddystone_telemetry import open_telemetry
from gateway.model.documents import Beacon, FloorPlan, RotatingKey
from gateway.model.sighting import BeaconId, BeaconTelemetry, SealedTelemetry, Sighting
from gateway.model.time import Now

NEAR: Final = 2
"""Windows before and after the expected one whose names are known ahead."""
FURTHEST_S: Final = 86_400.0
"""A clock that drifted further (seconds) is not found: register the beacon anew."""
FURTHEST: Final = 2_000
"""Nor one that is more windows away, where windows are short."""
EFFORT: Final = 32
"""Names that are computed at most for one packet: 1 ms here, some 6 on a Raspberry Pi."""
SEARCH_EVERY_S: Final = 0.25
"""Between two such efforts (seconds): strangers' beacons, or somebody who makes names up, cost no more than that."""
MOST_UNKNOWN: Final = 256
"""Names that nobody is known by; the one heard longest ago is forgotten."""


@dataclass(slots=True)
class _Keyed:
    """One beacon: how many windows it is ahead of its registration, when it was named last (monotonic s).

    `centre` is the window around which its names are in the table, `reach` how far from it was searched.
    """

    beacon: Beacon
    key: RotatingKey
    ahead: int = 0
    named_s: float = float("-inf")
    centre: int | None = None
    reach: int = NEAR
    names: dict[int, bytes] = field(default_factory=dict)

    def expected(self, utc_s: float) -> int:
        return (int(utc_s - self.key.zero_utc_s) >> self.key.exponent) + self.ahead

    def name(self, window: int) -> bytes | None:
        """The 8 bytes of a window; None where the beacon's counter of 32 bits has no such time."""
        time_s = window << self.key.exponent
        return ephemeral_id(self.key.identity_key, self.key.exponent, time_s) if 0 <= time_s < 1 << 32 else None


class RotatingBeacons:
    """The beacons of a floor plan that have a key. What was learned of their clocks is in memory alone."""

    def __init__(self, plan: FloorPlan) -> None:
        self._keyed: dict[str, _Keyed] = {}
        self._turn: deque[_Keyed] = deque()
        self._table: dict[bytes, tuple[_Keyed, int]] = {}
        self._unknown: OrderedDict[bytes, None] = OrderedDict()
        self._searched_s = float("-inf")
        self.use(plan)

    def use(self, plan: FloorPlan) -> None:
        """Resolve the beacons of this plan; what was learned of those that it still has stays."""
        before = self._keyed
        self._keyed = {
            beacon.id: known
            if (known := before.get(beacon.id)) and known.beacon == beacon
            else _Keyed(beacon, beacon.key)
            for beacon in plan.beacons.values()
            if beacon.key is not None
        }
        self._turn = deque(self._keyed.values())
        self._table = {name: (each, at) for each in self._keyed.values() for at, name in each.names.items()}

    def named(self, sighting: Sighting, said: BeaconId, now: Now) -> Sighting:
        """The sighting under its beacon's own identity, if `said` is a name of one; as it is while no clock is set."""
        if not self._keyed or now.clock == "unset":
            return sighting
        name = bytes.fromhex(said.value)
        found = self._table.get(name) or self._search(name, now)
        if found is None:
            return sighting
        keyed, window = found
        keyed.ahead += window - keyed.expected(now.utc_s)
        keyed.named_s, keyed.reach = now.mono_s, NEAR
        return replace(sighting, token=keyed.beacon.identity)

    def opened(self, beacon: str, sealed: SealedTelemetry, now: Now) -> BeaconTelemetry | None:
        """What a beacon of this id sealed a moment ago; None where its key does not open it."""
        keyed = self._keyed.get(beacon)
        if keyed is None or now.clock == "unset":
            return None
        expected, exponent = keyed.expected(now.utc_s), keyed.key.exponent
        for window in (expected, expected - 1, expected + 1):
            if 0 <= window << exponent < 1 << 32:
                frame = open_telemetry(keyed.key.identity_key, exponent, window << exponent, sealed)
                if frame is not None:
                    return eddystone_tlm.token(frame)
        return None

    def _search(self, name: bytes, now: Now) -> tuple[_Keyed, int] | None:
        """Renew the table and look further, for as long as one packet may take."""
        self._unknown[name] = None
        self._unknown.move_to_end(name)
        if len(self._unknown) > MOST_UNKNOWN:
            self._unknown.popitem(last=False)
        if now.mono_s - self._searched_s < SEARCH_EVERY_S:
            return None
        self._searched_s = now.mono_s
        for effort, (keyed, window) in enumerate(self._worth(now), 1):
            made = keyed.name(window)
            if made is not None and (abs(window - (keyed.centre or 0)) <= NEAR or made in self._unknown):
                self._table[made] = (keyed, window)
                keyed.names[window] = made
            if effort >= EFFORT:
                break
        if name in self._table:
            del self._unknown[name]
        return self._table.get(name)

    def _worth(self, now: Now) -> Iterator[tuple[_Keyed, int]]:
        """Windows worth computing: first what is near for every beacon, then what is far for the silent."""
        for keyed in self._keyed.values():
            yield from ((keyed, window) for window in self._renewed(keyed, now) if window not in keyed.names)
        for _ in range(len(self._turn) * EFFORT):
            keyed = self._turn[0]
            self._turn.rotate(-1)
            if now.mono_s - keyed.named_s > 2 << keyed.key.exponent and keyed.centre is not None:
                furthest = min(FURTHEST, int(FURTHEST_S) >> keyed.key.exponent)
                keyed.reach = keyed.reach + 1 if keyed.reach < furthest else NEAR
                yield from ((keyed, keyed.centre + far) for far in (keyed.reach, -keyed.reach))

    def _renewed(self, keyed: _Keyed, now: Now) -> range:
        """The windows that are near now; the names of others are forgotten."""
        centre = keyed.expected(now.utc_s)
        if centre != keyed.centre:
            keyed.centre = centre
            for window in [each for each in keyed.names if abs(each - centre) > NEAR]:
                self._table.pop(keyed.names.pop(window), None)
        return range(centre - NEAR, centre + NEAR + 1)
