"""A shop with something going on: a recorded walk, three invented members beside it, a code scanned now and then."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Final

from gateway.codecs.adverts import ibeacon
from gateway.codecs.captures import ble_line, sighting_line
from gateway.model.sighting import AppReport, CodeText, HeardBeacon, Sighting
from simulators.floor import FixedBeacon, Floor
from simulators.members import Encoding, InventedMember, invent
from simulators.radio import Air, Place, Route, Stop
from simulators.recorded_walk import Recording, TimedLine

MARKER_URL: Final = "https://shop.example/m/"
"""What the shop's printed codes begin with; the marker's id follows."""

_TURNS: Final = 4
_STAY_S: Final = (8.0, 12.0)
_APP_AIR: Final = Air(floor_dbm=-98.0)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things happen in the shop (seconds).

    Attributes:
        advertisement_s: A phone sends its token.
        report_s: The app reports the beacons it hears.
        scan_s: Somebody scans the first marker in front of the first camera.
    """

    advertisement_s: float = 0.5
    report_s: float = 3.0
    scan_s: float = 7.0


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is in the shop: a phone on Android, one on iOS, and one whose app reports what it hears."""

    android: InventedMember
    ios: InventedMember
    reporter: InventedMember

    @property
    def members(self) -> tuple[InventedMember, ...]:
        """All three."""
        return self.android, self.ios, self.reporter


def invented_cast() -> Cast:
    """Three members who speak French, English, and a language that the sample content lacks."""
    return Cast(
        android=invent("android", languages=("fr",), segments=("sneakers",)),
        ios=invent("ios", languages=("en",)),
        reporter=invent("reporter", languages=("de", "en"), segments=("sneakers",)),
    )


def shop_lines(
    floor: Floor, recording: Recording, cast: Cast, utc_s: float, seed: int = 1, pace: Pace | None = None
) -> Iterator[TimedLine]:
    """Capture lines of all that the shop's receivers hear from `utc_s` (seconds since 1970) on, in order, without end.

    The same arguments give the same lines.
    """
    every = pace or Pace()
    chances = [Random(f"{seed}/{role}") for role in ("android", "ios", "reporter")]
    phones = list(floor.receivers.items())
    beacons = [(beacon.id, beacon.at) for beacon in floor.beacons]
    streams = [
        recording.round_and_round(),
        _phone(floor, cast.android, "service_data", _route(floor, phones, chances[0]), every, utc_s, chances[0]),
        _phone(floor, cast.ios, "service_uuid", _route(floor, phones, chances[1]), every, utc_s, chances[1]),
    ]
    if floor.beacons:
        streams.append(_app(floor, cast.reporter, _route(floor, beacons, chances[2]), every, chances[2]))
    if floor.cameras and floor.markers:
        streams.append(_scans(floor.cameras[0], floor.markers[0], every))
    return heapq.merge(*streams, key=lambda timed: timed[0])


def _route(floor: Floor, places: Sequence[tuple[str, Place]], chance: Random) -> Route:
    """In by an entrance, then past a few of the places, and round again."""
    entrances = [place for name, place in places if name in floor.entrances] or [places[0][1]]
    others = [place for name, place in places if name not in floor.entrances]
    turns = [chance.choice(entrances), *chance.sample(others, min(_TURNS, len(others)))]
    return Route([Stop(place, chance.uniform(*_STAY_S)) for place in turns])


def _phone(
    floor: Floor, member: InventedMember, encoding: Encoding, route: Route, pace: Pace, utc_s: float, chance: Random
) -> Iterator[TimedLine]:
    """What the receivers hear of a phone; a packet reaches them within milliseconds of each other."""
    air = Air()
    begin_s = chance.uniform(0.0, pace.advertisement_s)
    for number in count():
        t_s = begin_s + number * pace.advertisement_s
        payload = member.payload_at(floor.store, utc_s + t_s, encoding)
        address = member.address_at(utc_s + t_s)
        for order, (receiver, place) in enumerate(floor.receivers.items()):
            rssi_dbm = air.heard_dbm(route.place(t_s), place, chance)
            if rssi_dbm is not None:
                at_s = round(t_s + order / 1_000, 3)
                yield at_s, ble_line(at_s, receiver, rssi_dbm, payload, address)


def _app(floor: Floor, member: InventedMember, route: Route, pace: Pace, chance: Random) -> Iterator[TimedLine]:
    """What an app reports: beacons by their numbers, as a phone hears them, or by the floor plan's id, in turns."""
    for number in count():
        t_s = round(1.0 + number * pace.report_s, 3)
        levels = [(beacon, _APP_AIR.heard_dbm(route.place(t_s), beacon.at, chance)) for beacon in floor.beacons]
        seen = tuple(_seen(beacon, level, by_id=bool(number % 2)) for beacon, level in levels if level is not None)
        if seen:
            yield t_s, sighting_line(t_s, Sighting("app", "app", AppReport(member.handle, seen)))


def _seen(beacon: FixedBeacon, rssi_dbm: int, *, by_id: bool) -> HeardBeacon:
    return HeardBeacon(beacon.id if by_id else ibeacon.token(beacon.frame), rssi_dbm)


def _scans(camera: str, marker: str, pace: Pace) -> Iterator[TimedLine]:
    for number in count(1):
        t_s = round(number * pace.scan_s, 3)
        yield t_s, sighting_line(t_s, Sighting("code", camera, CodeText("qr_code", MARKER_URL + marker)))
