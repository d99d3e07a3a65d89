"""A made shop whose zones lie 25 dB apart, and a busy day in it: the same facts however it is interrupted."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from random import Random

from gateway.codecs.adverts.ibeacon import IBeacon, encode
from gateway.model.store import StoreRef
from gateway.model.time import from_rfc3339
from simulators.arrival import Fact
from simulators.members import InventedMember, invent, members_document

STORE = StoreRef("acme", "0042", "gw-1")
STARTED_AT = "2026-01-05T09:00:00Z"
STARTED_UTC_S = from_rfc3339(STARTED_AT)
ZONES = ("door", "shoes", "coats", "tills")
FOB_UUID = "5f1d0000-0000-4000-8000-00805f9b0001"

ANDROID: InventedMember = invent("far-android", languages=("fr",))
IPHONE: InventedMember = invent("far-iphone", languages=("en",))
REPORTER: InventedMember = invent("far-reporter", languages=("en", "fr"))

SUBJECTS = {
    "fob": "b.fob",
    "android": f"m.{ANDROID.handle}",
    "iphone": f"m.{IPHONE.handle}",
    "reporter": f"m.{REPORTER.handle}",
}
TILL_GIFT = "till-gift"
"""What everybody is offered whenever they come to the tills, to redeem there."""

SHORTEST_S = 15
BRIEF_S = 4
LONG_S = 460

FLOORPLAN = (
    """
[store]
id = "0042"
tenant = "acme"
timezone = "Europe/Paris"
languages = ["fr", "en"]
"""
    + "".join(
        f"""
[[zones]]
id = "{zone}"
kind = "{"entrance" if zone == "door" else "aisle"}"

[[receivers]]
id = "rx-{zone}"
zone = "{zone}"

[[beacons]]
id = "b-{zone}"
format = "ibeacon"
uuid = "{FOB_UUID}"
major = 42
minor = {number}
zone = "{zone}"
"""
        for number, zone in enumerate(ZONES)
    )
    + f"""
[[beacons]]
id = "fob"
format = "ibeacon"
uuid = "{FOB_UUID}"
major = 1
minor = 1
mobile = true

[[markers]]
id = "A7"
product = "09506000134352"
"""
)

CAMPAIGNS = {
    "document": "campaigns",
    "serial": 3,
    "campaigns": [
        {
            "id": "welcome",
            "purpose": "offers",
            "trigger": {"zone_entered": {"kind": "entrance"}},
            "caps": [{"scope": "member", "max": 1, "per": "day"}],
            "priority": 50,
            "variants": [{"id": "a", "weight": 1, "content": "welcome-a"}],
            "channels": ["app"],
        },
        {
            "id": "shoes-twice",
            "purpose": "offers",
            "trigger": {"zone_entered": {"zone": "shoes"}},
            "caps": [{"scope": "visit", "max": 2}],
            "variants": [
                {"id": "a", "weight": 1, "content": "shoes-a"},
                {"id": "b", "weight": 1, "content": "shoes-b"},
            ],
            "channels": ["app", "display"],
        },
        {
            "id": TILL_GIFT,
            "purpose": "offers",
            "trigger": {"zone_entered": {"zone": "tills"}},
            "variants": [{"id": "a", "weight": 1, "content": "tills-a"}],
            "benefit": {"kind": "percent", "value": 10},
            "channels": ["display"],
        },
    ],
    "content": {
        "welcome-a": {"moment": "aspire", "fr": {"title": "Bonjour"}, "en": {"title": "Hello"}},
        "shoes-a": {"moment": "inform", "fr": {"title": "Pointures"}, "en": {"title": "Sizes"}},
        "shoes-b": {"moment": "inform", "fr": {"title": "Semelles"}, "en": {"title": "Soles"}},
        "tills-a": {"moment": "transact", "fr": {"title": "-10 %"}, "en": {"title": "-10 %"}},
    },
}


def campaigns_document() -> bytes:
    return json.dumps(CAMPAIGNS).encode()


def documents() -> dict[str, tuple[bytes, int]]:
    """What a gateway is given besides its floor plan: each document with its serial."""
    return {"campaigns": (campaigns_document(), 3), "members": (members(), 7)}


def members() -> bytes:
    return members_document((ANDROID, IPHONE, REPORTER), STORE, 7, STARTED_UTC_S)


def capture(
    seconds: int, seed: int = 1, every: int = 1, empty_s: int = 0, scan_every: int = 20
) -> Iterator[tuple[float, str]]:
    """Lines as (t, text): a fob, two phones and an app that change zone or go quiet, and scans.

    `every` is the transmitters' interval, `scan_every` that of the scans (seconds); for `empty_s` more seconds nobody
    is there any more.
    """
    chance = Random(seed)
    ways = {name: [*route, *([None] * empty_s)] for name, route in routes(seconds, chance).items()}
    for second in range(seconds + empty_s):
        at_s = second + 0.01
        for name, payload in _on_air(second) if second % every == 0 else ():
            zone = ways[name][second]
            for receiver in ZONES if zone is not None else ():
                rssi_dbm = (-55 if receiver == zone else -82) + chance.randint(-1, 1)
                yield round(at_s, 3), _ble(at_s, f"rx-{receiver}", name, rssi_dbm, payload)
                at_s += 0.002
        if second % 5 == 0 and (zone := ways["reporter"][second]) is not None:
            seen = [{"beacon": f"b-{other}", "rssi_dbm": -58 if other == zone else -84} for other in ZONES]
            yield line(second + 0.5, medium="app", member=REPORTER.handle, seen=seen)
        if second % scan_every == 7 % scan_every:
            yield line(second + 0.6, medium="code", receiver="cam-1", symbology="qr_code", text="A7")


def truth(seconds: int, seed: int = 1) -> Counter[Fact]:
    """Every visit and transition of a `capture` that ends empty, by where everybody was; no gateway has a say."""
    facts: Counter[Fact] = Counter()
    for name, route in routes(seconds, Random(seed)).items():
        subject = SUBJECTS[name]
        for zones in _visits(route):
            facts[subject, "visit.started", zones[0]] += 1
            facts[subject, "visit.ended", None] += 1
            facts.update((subject, kind, zone) for zone in zones for kind in ("zone.entered", "zone.left"))
    return facts


def header() -> dict[str, object]:
    return {"format": "proximity-capture", "version": 1, "started_at": STARTED_AT}


def routes(seconds: int, chance: Random) -> dict[str, Sequence[str | None]]:
    """Where everybody is at each second of a `capture`; None: away."""
    return {name: _route(seconds, chance) for name in SUBJECTS}


def _route(seconds: int, chance: Random) -> Sequence[str | None]:
    """The zone at each second; None for an absence, which lasts well over a visit's gap or well under an exit."""
    route: list[str | None] = []
    while len(route) <= seconds - SHORTEST_S:
        if route and chance.random() < 0.12:
            route += [None] * chance.choice((BRIEF_S, LONG_S))
        if len(route) <= seconds - SHORTEST_S:
            route += [chance.choice(ZONES)] * chance.randint(SHORTEST_S, 45)
    return [*route, *([None] * seconds)][:seconds]


def _visits(route: Sequence[str | None]) -> Iterator[Sequence[str]]:
    """The zones of each visit in turn."""
    zones: list[str] = []
    for zone, stay in groupby(route):
        if zone is None and len(list(stay)) > BRIEF_S:
            yield zones
            zones = []
        elif zone is not None and zones[-1:] != [zone]:
            zones.append(zone)
    if zones:
        yield zones


def _on_air(second: int) -> Iterator[tuple[str, str]]:
    utc_s = STARTED_UTC_S + second
    yield "fob", encode(IBeacon(FOB_UUID, 1, 1, -59)).hex()
    yield "android", ANDROID.payload_at(STORE.store, utc_s, "service_data").hex()
    yield "iphone", IPHONE.payload_at(STORE.store, utc_s, "service_uuid").hex()


def _ble(at_s: float, receiver: str, name: str, rssi_dbm: int, payload: str) -> str:
    address = f"C0:00:00:00:00:0{len(name) % 10}"
    fields = {"medium": "ble", "receiver": receiver, "address": address, "rssi_dbm": rssi_dbm, "payload": payload}
    return line(at_s, **fields)[1]


def line(at_s: float, **fields: object) -> tuple[float, str]:
    """A line of a capture, with its time."""
    return round(at_s, 3), json.dumps({"t": round(at_s, 3), **fields})
