"""What the `data` of each event type holds, as types; the JSON Schemas that are shipped are generated from these.

A schema's name is an event's `dataschema`. Within a version fields are only added, so a reader ignores what it does not
know.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from gateway.uplink.count_schemas import FootfallCounted, OccupancyMeasured, QueueLong
from gateway.uplink.dated import Dated
from gateway.uplink.desk_schemas import (
    HelpClaimed,
    HelpClosed,
    HelpRequested,
    OrderArrived,
    OrderHandedOver,
    OrderNotFetched,
    PriceMismatch,
    ReturnChecked,
    ReturnReceived,
    ReturnRestocked,
    SlipTaken,
    TicketRecorded,
)
from gateway.uplink.redemption_schemas import (
    PointsEarned,
    RedemptionCancelled,
    RedemptionCommitted,
    RedemptionLockWanted,
    RedemptionRefused,
    RedemptionRejected,
    RedemptionReserved,
)

Confidence = Annotated[float, Field(ge=0, le=1)]
Sequence = Annotated[str, Field(pattern=r"^[0-9]{20}$")]
Incarnation = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Clock = Literal["unset", "synced"]
PurposeName = Literal["presence", "offers", "analytics", "retarget", "staff_assist"]
ChannelName = Literal["push", "email", "sms", "phone", "post"]
AssuranceLevel = Literal["claimed", "proximate", "proven"]


class Evidence(Dated):
    """What a fact rests on: its latest evidence."""

    evidence_at: datetime


class Witnessed(Evidence):
    """A fact about a visitor: how sure the identity is, and by which media."""

    visit: str | None
    assurance: AssuranceLevel
    media: list[str]


class VisitStarted(Witnessed):
    """A visitor is in the shop; `zone` is null while none is known."""

    zone: str | None


class ZoneEntered(Witnessed):
    """A visitor is in a zone."""

    zone: str
    confidence: Confidence


class ZoneDwelled(ZoneEntered):
    """A visitor has stayed in a zone for a mark of time."""

    from_at: datetime
    until_at: datetime
    dwell_s: Annotated[float, Field(ge=0)]


class ZoneLeft(ZoneDwelled):
    """A visitor is no longer in a zone, since `until_at`."""

    reason: Literal["moved", "silent", "receiver_lost", "consent", "floorplan", "restart", "handover"]


class Stay(TypedDict):
    """One stay of a visit: `confidence` is the highest it was told with, `dwelled_s` are the marks of time reached."""

    zone: str
    from_at: datetime
    until_at: datetime
    confidence: Confidence
    dwelled_s: list[Annotated[float, Field(ge=0)]]


class Dwell(TypedDict):
    """How long a visit was in a zone, all its stays there together."""

    zone: str
    dwell_s: Annotated[float, Field(ge=0)]


class VisitEnded(Witnessed):
    """A visit is over, since `ended_at`; `entered_by` and `left_by` are the ways in and out, null where unknown."""

    started_at: datetime
    ended_at: datetime
    zones: list[Stay]
    dwell: list[Dwell]
    entered_by: str | None
    left_by: str | None
    cause: Literal["left", "silent", "closing", "receiver_lost", "restart", "consent", "handover"]


class CodeRead(Evidence):
    """A code was scanned or a tag tapped: a `marker` of the shop, a product's own code with GS1 `elements`, or both.

    An element is a key and its value, as in ["01", "09506000134352"]: which item, batch, serial, dates and measures.
    Or the code of an `order` of the feed, or of a coupon or prize, of which no more is said than its `campaign`.
    """

    kind: Literal["marker", "product", "order", "coupon"]

    visit: str | None
    zone: str | None
    receiver: str
    marker: str | None
    elements: list[list[str]] | None
    order: str | None
    campaign: str | None
    symbology: str | None


class CheckedIn(Witnessed):
    """A member said "I am here"."""

    zone: str | None
    method: str


class OfferMade(Dated):
    """A visitor got an offer."""

    visit: str | None
    campaign: str
    variant: str
    content: str
    language: str
    channel: str
    moment: str


class OfferWithheld(Dated):
    """A campaign fired and was refused."""

    visit: str
    campaign: str
    moment: str
    reason: str
    would_have_shown: str | None


class BeaconReported(Dated):
    """How one of the shop's own beacons is: `per_minute` packets were heard lately, `heard_by` these receivers.

    `interval_s` is its longest usual gap; battery and temperature are null where it does not say.
    """

    beacon: str
    state: Literal["ok", "weak", "moved", "cloned", "silent"]
    heard_at: datetime
    heard_by: list[str]
    per_minute: Annotated[float, Field(ge=0)] | None
    interval_s: Annotated[float, Field(ge=0)] | None
    battery_mv: int | None
    temperature_c: float | None


class ReceiverChanged(Dated):
    """A receiver hears again, or no longer."""

    receiver: str
    status: Literal["up", "down"]


class SurveyContradicted(Dated):
    """A receiver, or a beacon (`b.` and its id), is not heard as the survey has it, or is again."""

    anchor: str
    status: Literal["moved", "silent", "as_surveyed"]


class GatewayStarted(Dated):
    """The gateway begins; `documents` are the serials in use, by name."""

    version: str
    documents: dict[str, int]


class GatewayStopped(Dated):
    """The gateway ended in good order."""


class IncarnationStarted(Dated):
    """The gateway's streams begin anew; what it still had of the `previous` incarnation goes on under that one's.

    `records` and `events` were carried over, `lost` events are known to be lost; `previous` is null where not even its
    name could be read.
    """

    incarnation: Incarnation
    previous: Incarnation | None
    cause: Literal["damaged", "restored"]
    records: Annotated[int, Field(ge=0)]
    events: Annotated[int, Field(ge=0)]
    lost: Annotated[int, Field(ge=0)]


_Changed = TypedDict("_Changed", {"from": Clock, "to": Clock, "step_s": float})
_Refused = TypedDict("_Refused", {"class": str, "sequence": Sequence, "reason": str, "says": str})


class ClockChanged(_Changed, Dated):
    """The wall clock was set, lost its source, or stepped; `clock` is what it is `to`."""


class PublishRefused(_Refused, Dated):
    """An event could not be delivered: its place, a code and a sentence."""


class CommandTaken(Dated):
    """A command of head office was taken; `id` is head office's, `key` the signer's name."""

    command: str
    id: str
    key: str
    issued_at: datetime
    expires_at: datetime


class CommandRefused(Dated):
    """Signed commands were refused for this reason, `times` of them since it was last told; `id` is the last one's."""

    command: str
    id: str
    reason: str
    times: Annotated[int, Field(ge=1)]


class ErasedCounts(TypedDict):
    """What the shop's state held of a member."""

    visits: Annotated[int, Field(ge=0)]
    presences: Annotated[int, Field(ge=0)]
    exposures: Annotated[int, Field(ge=0)]
    orders: Annotated[int, Field(ge=0)]
    briefs: Annotated[int, Field(ge=0)]
    redemptions: Annotated[int, Field(ge=0)]
    statements: Annotated[int, Field(ge=0)]


class ConsentChanged(Dated):
    """A member said what it agrees to: all that holds now, `withdrawn` what held until now and does no more.

    `channels` is null while nobody asked. `record` has the fields of ISO/IEC TS 27560:2023.
    """

    purposes: list[PurposeName]
    channels: list[ChannelName] | None
    withdrawn: list[PurposeName]
    record: dict[str, Any]


class ExportedCounts(TypedDict):
    """How many records a member was shown."""

    records: Annotated[int, Field(ge=0)]


class MemberExported(Dated):
    """A member was shown all that is kept of it."""

    counts: ExportedCounts


class MemberErased(Dated):
    """A member was forgotten, who is not named; `command` is the order's id, null where somebody in the shop asked."""

    command: str | None
    counts: ErasedCounts


class EventDropped(TypedDict):
    """The events `first` to `last` of this stream will never come. It fills their place alone, so it has no `clock`."""

    first: Sequence
    last: Sequence
    reason: Literal["evicted", "erased", "withdrawn", "refused", "expired", "damaged"]


DATA: Final[Mapping[str, Any]] = {
    "visit.started": VisitStarted,
    "visit.ended": VisitEnded,
    "zone.entered": ZoneEntered,
    "zone.dwelled": ZoneDwelled,
    "zone.left": ZoneLeft,
    "code.scanned": CodeRead,
    "tag.tapped": CodeRead,
    "visitor.checked_in": CheckedIn,
    "offer.made": OfferMade,
    "offer.withheld": OfferWithheld,
    "redemption.reserved": RedemptionReserved,
    "redemption.lock_wanted": RedemptionLockWanted,
    "redemption.committed": RedemptionCommitted,
    "redemption.cancelled": RedemptionCancelled,
    "redemption.refused": RedemptionRefused,
    "redemption.rejected": RedemptionRejected,
    "points.earned": PointsEarned,
    "queue.long": QueueLong,
    "occupancy.measured": OccupancyMeasured,
    "ticket.recorded": TicketRecorded,
    "order.arrived": OrderArrived,
    "order.handed_over": OrderHandedOver,
    "order.not_fetched": OrderNotFetched,
    "help.requested": HelpRequested,
    "help.claimed": HelpClaimed,
    "help.closed": HelpClosed,
    "return.received": ReturnReceived,
    "return.checked": ReturnChecked,
    "return.restocked": ReturnRestocked,
    "price.mismatch": PriceMismatch,
    "slip.taken": SlipTaken,
    "beacon.reported": BeaconReported,
    "receiver.changed": ReceiverChanged,
    "survey.contradicted": SurveyContradicted,
    "gateway.started": GatewayStarted,
    "gateway.stopped": GatewayStopped,
    "clock.changed": ClockChanged,
    "incarnation.started": IncarnationStarted,
    "publish.refused": PublishRefused,
    "command.taken": CommandTaken,
    "command.refused": CommandRefused,
    "footfall.counted": FootfallCounted,
    "consent.changed": ConsentChanged,
    "member.erased": MemberErased,
    "member.exported": MemberExported,
    "event.dropped": EventDropped,
}
"""By event type; adding one is a class and a line."""


def schema_of(event_type: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the `data` of an event type."""
    schema = TypeAdapter(DATA[event_type]).json_schema()
    named = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"schemas/{event_type}.v1.json"}
    return named | schema | {"title": f"proximity.{event_type}.v1"}
