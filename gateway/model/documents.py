"""What head office sends, compiled: floor plan, members, campaigns and their content, products."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from gateway.model.amount import NOTHING, Amount
from gateway.model.sighting import BeaconId
from gateway.model.visit import Assurance

DOCUMENT_NAMES = ("floorplan", "campaigns", "products", "members", "issuers", "devices", "settings")

PURPOSES = frozenset({"presence", "offers", "analytics", "retarget", "staff_assist"})
PROSPECTING = frozenset({"push", "email", "sms", "phone", "post"})
"""Channels that reach a member unasked: each needs the member's word, beside the purpose."""


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
class RotatingKey:
    """What the identifiers of an Eddystone-EID beacon are made of: the 16 bytes that it shares with head office.

    They change every 2^`exponent` seconds of its own counter, which was zero at `zero_utc_s` (seconds since 1970).
    """

    identity_key: bytes = field(repr=False)
    exponent: int
    zero_utc_s: float


@dataclass(frozen=True, slots=True)
class Beacon:
    """A transmitter of the shop: fixed in a zone, or a tag (`mobile`) followed under its own id.

    One with a `key` says a new name all the time, and its `identity` is `key:` and its id.
    """

    id: str
    identity: BeaconId
    at: tuple[float, float] | None = None
    zone: str | None = None
    mobile: bool = False
    key: RotatingKey | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """A printed code or NFC sticker of the shop and what it stands for (one of product, zone, campaign).

    Beside a product, `zone` is where that product is.
    """

    id: str
    product: str | None = None
    zone: str | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When the shop is open, in its own time: from and until (HH:MM) by weekday (Monday 0), and dates when it is not.

    A weekday that is not there is one on which the shop stays closed; `closed` are dates in ISO 8601.
    """

    by_weekday: Mapping[int, tuple[tuple[str, str], ...]]
    closed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """The shop: its zones, what hears in it, what transmits, its markers. `timezone` is an IANA name.

    `groups` are those of the brand's that the shop belongs to.
    """

    store: str
    tenant: str
    timezone: str
    languages: tuple[str, ...]
    zones: Mapping[str, Zone]
    receivers: Mapping[str, Receiver]
    beacons: Mapping[str, Beacon]
    markers: Mapping[str, Marker]
    opening_hours: OpeningHours | None = None
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """An opted-in member as this store knows one: a handle that means nothing elsewhere, keys by days since 1970.

    `contacts` are how often head office reached the member otherwise (e-mail, telephone…), by date (ISO 8601).
    `channels` are those by which the member wants to be addressed (None: the member was never asked), and
    `consent_utc_s` is when the member last said so, and which purposes (seconds since 1970; None: nobody knows).
    """

    handle: str
    keys: Mapping[int, bytes] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    purposes: frozenset[str] = frozenset()
    segments: tuple[str, ...] = ()
    units: Mapping[str, int] = field(default_factory=dict)
    caps: Mapping[str, int] = field(default_factory=dict)
    campaigns_seen: tuple[str, ...] = ()
    minor: bool = False
    contacts: Mapping[str, int] = field(default_factory=dict)
    channels: frozenset[str] | None = None
    consent_utc_s: float | None = None


class DayKeys(Protocol):
    """Where the members' keys are that are not with each member; those of a day that is over are gone."""

    def of_day(self, day: int, /) -> Iterable[tuple[str, bytes]]:
        """Handle and key of everybody who has one for this day (since 1970)."""


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
    day_keys: DayKeys | None = field(default=None, repr=False, compare=False)
    """None where each member has its own."""


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
    """When a campaign may run: bounds in seconds since 1970, and an RFC 5545 recurrence of local dates.

    `dayparts` are from and until which times of the store's day (HH:MM), any if empty; `opening_hours` keeps it to the
    hours of the floor plan.
    """

    from_utc_s: float | None = None
    until_utc_s: float | None = None
    rrule: Mapping[str, str] | None = None
    dayparts: tuple[tuple[str, str], ...] = ()
    opening_hours: bool = False


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `max` offers: for a `member` per day or ever, or within a `visit`.

    Of one campaign where it stands there; else of a `category` of campaigns, or of all of them (None).
    """

    scope: Literal["member", "visit"]
    max: int
    per: Literal["day", "ever"] = "ever"
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """What head office lent this gateway: `offers` in all, until an instant (seconds since 1970; None = for good).

    What is not spent by then is head office's again, without a word from here.
    """

    offers: int
    until_utc_s: float | None = None


@dataclass(frozen=True, slots=True)
class StockWanted:
    """What the shop must have of a product (GTIN-14) for a campaign to speak: some, or nothing at all."""

    product: str
    sold_out: bool = False


@dataclass(frozen=True, slots=True)
class Follows:
    """A step of a scenario: only after another campaign's offer, at most `within_s` ago (None: in the same visit)."""

    after: str
    within_s: float | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """One arm of an A/B test: `weight` against the others', `content` in the content bank."""

    id: str
    weight: int
    content: str


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes of a campaign's coupons or prizes, by `gateway.core.coupons.coupon_digest`.

    `once`: each is good for one redemption in this shop, whoever brings it. `brand`: for one in all shops together,
    which head office alone can tell; while it does not answer, each is taken for savings of up to `offline_up_to` (in
    the currency of the till).
    """

    digests: frozenset[str]
    once: bool = True
    brand: bool = False
    offline_up_to: Amount = NOTHING


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign. `audience` is a compiled `gateway.core.offers.expression.Audience` (None = everybody).

    `cooldown_s` is how long it rests for a member after each offer. `stores` are the shops, or groups of them, that it
    runs in (empty: all); `alone`: its benefit goes with no other one in a visit. `cost` is
    what one use of its benefit costs the brand at most (None: nobody says).
    """

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
    lease: Lease | None = None
    control_per_10000: int = 0
    channels: tuple[str, ...] = ("app",)
    benefit: Mapping[str, object] | None = None
    stopped: bool = False
    category: str | None = None
    cooldown_s: float | None = None
    follows: Follows | None = None
    stock: StockWanted | None = None
    codes: Codes | None = None
    stores: frozenset[str] = frozenset()
    alone: bool = False
    cost: Amount | None = None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Campaigns:
    """The campaigns document: campaigns in order of id, content by id then language tag, and the global holdout.

    `stopped` silences all of them. `caps` hold over all campaigns or a category of them; `contacts_per_day` is what a
    member may get in all, offers here and contacts elsewhere, `at_once` offers at one moment (None = any). `index` is
    their `gateway.core.offers.index.CampaignIndex`, made where they were compiled (None: made when they are taken).
    """

    serial: int
    campaigns: tuple[Campaign, ...]
    content: Mapping[str, Mapping[str, Mapping[str, str]]]
    holdout_salt: str = ""
    holdout_per_10000: int = 0
    stopped: bool = False
    caps: tuple[Cap, ...] = ()
    contacts_per_day: int | None = None
    at_once: int | None = None
    index: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Products:
    """The products document, by GTIN-14, each as head office wrote it."""

    serial: int
    products: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class SentSettings:
    """The settings document: what head office sets of this gateway, as written, by table and key.

    What an operator wrote, in the file or the environment, comes before it. `tenant` and `store` are None where it does
    not say.
    """

    serial: int
    tables: Mapping[str, Mapping[str, object]]
    tenant: str | None = None
    store: str | None = None


@dataclass(frozen=True, slots=True)
class SettingsEffect:
    """What a settings document comes to here, by key (`presence.visit_gap_s`), each list in order.

    `restart_required`: what this run does without until it is started again; `overruled`: what the operator's own
    word comes before.
    """

    restart_required: tuple[str, ...] = ()
    overruled: tuple[str, ...] = ()
