"""The floor plan: zones, what hears, what transmits, and markers, from TOML."""

import tomllib
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from gateway.core import polygon
from gateway.documents.beacons import BeaconForm, identity_of, key_of
from gateway.documents.form import Form, LanguageTag, Name, fill, invalid
from gateway.documents.gtin import gtin_14
from gateway.documents.hours import compile_opening_hours
from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import Beacon, FloorPlan, Marker, Receiver, Zone
from gateway.model.sighting import BeaconId

DOCUMENT: Final = "floorplan"

Noun = TypeVar("Noun", Zone, Receiver, Beacon, Marker)
Metres = tuple[float, float]


class _StoreForm(Form):
    id: Name
    tenant: Name
    timezone: str
    languages: list[LanguageTag] = Field(default_factory=list)
    opening_hours: dict[str, list[list[str]]] = Field(default_factory=dict)
    closed: list[str] = Field(default_factory=list)
    groups: list[Name] = Field(default_factory=list)


class _ZoneForm(Form):
    id: Name
    kind: Name
    polygon: list[list[float]] = Field(default_factory=list)
    floor: str | int | None = None
    adjacent: list[str] = Field(default_factory=list)
    sensitive: bool = False


class _ReceiverForm(Form):
    id: Name
    kind: Literal["adapter", "satellite", "camera", "nfc", "scanner"] = "adapter"
    at: list[float] | None = None
    zone: str | None = None


class _MarkerForm(Form):
    id: Name
    product: str | None = None
    zone: str | None = None
    campaign: Name | None = None


class _FloorPlanForm(Form):
    store: _StoreForm
    zones: list[_ZoneForm] = Field(min_length=1)
    receivers: list[_ReceiverForm] = Field(default_factory=list)
    beacons: list[BeaconForm] = Field(default_factory=list)
    markers: list[_MarkerForm] = Field(default_factory=list)


def compile_floorplan(raw: bytes) -> FloorPlan:
    """The floor plan written as TOML in `raw`.

    A receiver or beacon that names no zone is in the one its place lies in: the first whose polygon holds it.

    Raises:
        DocumentRefused: `malformed` or `invalid`, with the key that is wrong.
    """
    form = fill(_FloorPlanForm, _toml(raw), DOCUMENT)
    _check_timezone(form.store.timezone)
    zones = _by_id("zones", (_zone(place, zone) for place, zone in enumerate(form.zones)))
    _check_adjacent(form, zones)
    beacons = _by_id("beacons", (_beacon(place, beacon, zones) for place, beacon in enumerate(form.beacons)))
    _check_identities(beacons.values())
    return FloorPlan(
        store=form.store.id,
        tenant=form.store.tenant,
        timezone=form.store.timezone,
        languages=tuple(form.store.languages),
        zones=zones,
        receivers=_by_id("receivers", (_receiver(place, each, zones) for place, each in enumerate(form.receivers))),
        beacons=beacons,
        markers=_by_id("markers", (_marker(place, each, zones) for place, each in enumerate(form.markers))),
        opening_hours=compile_opening_hours(form.store.opening_hours, form.store.closed, DOCUMENT),
        groups=frozenset(form.store.groups),
    )


def _toml(raw: bytes) -> object:
    try:
        return tomllib.loads(raw.decode())
    except ValueError as error:
        problem = f"it is not TOML: {error}"
        raise DocumentRefused("malformed", problem, "Correct it at that place", document=DOCUMENT) from error


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        problem = f"there is no time zone {name!r}"
        raise invalid(DOCUMENT, "store.timezone", problem, 'Write an IANA name such as "Europe/Paris"') from error


def _by_id(table: str, nouns: Iterable[Noun]) -> dict[str, Noun]:
    found: dict[str, Noun] = {}
    for place, noun in enumerate(nouns):
        if noun.id in found:
            raise invalid(DOCUMENT, f"{table}[{place}].id", f"{noun.id!r} is used twice", "Give each its own id")
        found[noun.id] = noun
    return found


def _zone(place: int, form: _ZoneForm) -> Zone:
    key = f"zones[{place}].polygon"
    corners = tuple(_point(f"{key}[{number}]", corner) for number, corner in enumerate(form.polygon))
    if corners and len(corners) < 3:
        raise invalid(DOCUMENT, key, f"it has {len(corners)} corners", "Give at least 3, or leave the polygon out")
    if corners and polygon.area(corners) == 0:
        raise invalid(DOCUMENT, key, "it has no area", "Give its corners in order, once around")
    floor = None if form.floor is None else str(form.floor)
    return Zone(form.id, form.kind, corners, floor, tuple(form.adjacent), form.sensitive)


def _check_adjacent(form: _FloorPlanForm, zones: Mapping[str, Zone]) -> None:
    for place, zone in enumerate(form.zones):
        for number, name in enumerate(zone.adjacent):
            _known_zone(f"zones[{place}].adjacent[{number}]", name, zones)


def _receiver(place: int, form: _ReceiverForm, zones: Mapping[str, Zone]) -> Receiver:
    at, zone = _placed(f"receivers[{place}]", form.at, form.zone, zones)
    return Receiver(form.id, form.kind, at, zone)


def _beacon(place: int, form: BeaconForm, zones: Mapping[str, Zone]) -> Beacon:
    key = f"beacons[{place}]"
    identity = identity_of(form, key, DOCUMENT)
    if form.mobile and (form.at is not None or form.zone is not None):
        hint = "Leave out at and zone, or mobile"
        raise invalid(DOCUMENT, f"{key}.mobile", "a mobile beacon has no place of its own", hint)
    at, zone = _placed(key, form.at, form.zone, zones)
    return Beacon(form.id, identity, at, zone, form.mobile, key_of(form, key, DOCUMENT))


def _marker(place: int, form: _MarkerForm, zones: Mapping[str, Zone]) -> Marker:
    key = f"markers[{place}]"
    zone = form.zone if form.product is None else None
    if sum(stands_for is not None for stands_for in (form.product, zone, form.campaign)) != 1:
        problem = "a marker stands for exactly one thing"
        raise invalid(DOCUMENT, key, problem, "Give one of product (perhaps with the zone it is in), zone and campaign")
    if form.zone is not None:
        _known_zone(f"{key}.zone", form.zone, zones)
    return Marker(form.id, _product(f"{key}.product", form.product), form.zone, form.campaign)


def _product(key: str, gtin: str | None) -> str | None:
    if gtin is None:
        return None
    try:
        return gtin_14(gtin)
    except ValueError as error:
        raise invalid(DOCUMENT, key, str(error), "Write the number under the product's bar code") from error


def _placed(
    key: str, at: list[float] | None, zone: str | None, zones: Mapping[str, Zone]
) -> tuple[Metres | None, str | None]:
    point = None if at is None else _point(f"{key}.at", at)
    if zone is not None:
        _known_zone(f"{key}.zone", zone, zones)
    elif point is not None:
        zone = next((z.id for z in zones.values() if z.polygon and polygon.contains(z.polygon, point)), None)
    return point, zone


def _point(key: str, numbers: list[float]) -> Metres:
    if len(numbers) != 2 or not all(abs(number) < 1e6 for number in numbers):
        raise invalid(DOCUMENT, key, f"{numbers} is not a place", "Give two numbers in metres: [x, y]")
    return (float(numbers[0]), float(numbers[1]))


def _known_zone(key: str, name: str, zones: Mapping[str, Zone]) -> None:
    if name not in zones:
        known = ", ".join(zones)
        raise invalid(DOCUMENT, key, f"there is no zone {name!r}", f"Name one of {known}, or add the zone")


def _check_identities(beacons: Iterable[Beacon]) -> None:
    owners: dict[BeaconId, str] = {}
    for place, beacon in enumerate(beacons):
        owner = owners.setdefault(beacon.identity, beacon.id)
        if owner != beacon.id:
            problem = f"{beacon.id!r} transmits the same identity as {owner!r}: {beacon.identity.value}"
            raise invalid(DOCUMENT, f"beacons[{place}]", problem, "Give each beacon an identity of its own")
