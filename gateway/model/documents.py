"""What head office sends, compiled: floor plan, members, campaigns and their content, products."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.model.sighting import BeaconId
from gateway.model.visit import Assurance

DOCUMENT_NAMES = ("floorplan", "campaigns", "products", "members", "settings")

PURPOSES = frozenset({"presence", "offers", "analytics", "retarget", "staff_assist"})


@dataclass(frozen=True, slots=True)
class Zone:
    """A named part of the shop; `polygon` in metres, empty where the shop is not drawn."""

    id: str
    kind: str
    polygon: tuple[tuple[float, float], ...] = ()
    floor: str | None = None
    adjacent: tuple[str, ...] = ()
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Receiver:
    """What hears: `kind` is adapter, satellite, camera, nfc or scanner; `zone` given, or the one its place lies in."""

    id: str
    kind: str = "adapter"
    at: tuple[float, float] | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Beacon:
    """A transmitter of the shop: fixed in a zone, or a tag (`mobile`) followed under its own id."""

    id: str
    identity: BeaconId
    at: tuple[float, float] | None = None
    zone: str | None = None
    mobile: bool = False


@dataclass(frozen=True, slots=True)
class Marker:
    """A printed code or NFC sticker of the shop and what it stands for (one of product, zone, campaign)."""

    id: str
    product: str | None = None
    zone: str | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """The shop: its zones, what hears in it, what transmits, its markers. `timezone` is an IANA name."""

    store: str
    tenant: str
    timezone: str
    languages: tuple[str, ...]
    zones: Mapping[str, Zone]
    receivers: Mapping[str, Receiver]
    beacons: Mapping[str, Beacon]
    markers: Mapping[str, Marker]


@dataclass(frozen=True, slots=True)
class Member:
    """An opted-in member as this store knows one: a handle that means nothing elsewhere, keys by days since 1970."""

    handle: str
    keys: Mapping[int, bytes] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    purposes: frozenset[str] = frozenset()
    segments: tuple[str, ...] = ()
    units: Mapping[str, int] = field(default_factory=dict)
    caps: Mapping[str, int] = field(default_factory=dict)
    campaigns_seen: tuple[str, ...] = ()
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Members:
    """The members document: by handle, valid between two instants (seconds since 1970; None = unlimited)."""

    serial: int
    members: Mapping[str, Member]
    base_serial: int | None = None
    removed: frozenset[str] = frozenset()
    valid_from_utc_s: float | None = None
    valid_until_utc_s: float | None = None
    tokens_handed: bool = False
    """Token tables come as inputs (`TokensReady`): there are too many members to compute them on the timeline."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """What makes a campaign fire: a moment's kind, narrowed by zone, zone kind, marker, product, dwell (None any)."""

    moment: str
    zone: str | None = None
    zone_kind: str | None = None
    marker: str | None = None
    after_s: float | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a campaign may run: bounds in seconds since 1970, and an RFC 5545 recurrence of local dates."""

    from_utc_s: float | None = None
    until_utc_s: float | None = None
    rrule: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `max` offers: of this campaign for a `member` per day or ever, or within a `visit`."""

    scope: Literal["member", "visit"]
    max: int
    per: Literal["day", "ever"] = "ever"


@dataclass(frozen=True, slots=True)
class Variant:
    """One arm of an A/B test: `weight` against the others', `content` in the content bank."""

    id: str
    weight: int
    content: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign. `audience` is a compiled expression (None = everybody); `document` keeps what later rules read."""

    id: str
    trigger: Trigger
    variants: tuple[Variant, ...]
    purpose: str = "offers"
    audience: Any = None
    schedule: Schedule = Schedule()
    zones: frozenset[str] = frozenset()
    min_assurance: Assurance = Assurance.PROXIMATE
    priority: int = 0
    exclusive_group: str | None = None
    caps: tuple[Cap, ...] = ()
    quiet_hours: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    lease: int | None = None
    control_per_10000: int = 0
    channels: tuple[str, ...] = ("app",)
    benefit: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Campaigns:
    """The campaigns document: campaigns in order of id, content by id then language tag, and the global holdout."""

    serial: int
    campaigns: tuple[Campaign, ...]
    content: Mapping[str, Mapping[str, Mapping[str, str]]]
    holdout_salt: str = ""
    holdout_per_10000: int = 0


@dataclass(frozen=True, slots=True)
class Products:
    """The products document, by GTIN-14, each as head office wrote it."""

    serial: int
    products: Mapping[str, Mapping[str, object]]
