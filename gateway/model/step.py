"""What one step of the engine gives: changes to fold, events to send, decisions to keep, an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.model.beacons import BeaconState
from gateway.model.commands import UsedCommand
from gateway.model.consent import Consent
from gateway.model.decision import Decision, Exposure
from gateway.model.desk import DeskRecord
from gateway.model.event import Event
from gateway.model.feeds import Brief, FeedPlace, FeedRow, Order, Stock
from gateway.model.help import HelpRequest
from gateway.model.issuers import ShownCode
from gateway.model.last_visit import LastVisit
from gateway.model.orders import Pickup
from gateway.model.redemptions import Redemption
from gateway.model.returns import Return
from gateway.model.savings import Saved
from gateway.model.slips import Slip
from gateway.model.tickets import Ticket
from gateway.model.time import At, Clock
from gateway.model.visit import Presence, Visit


@dataclass(frozen=True, slots=True)
class Stream:
    """Where an event stream stands.

    `next_sequence` is the next to give, `acked` the last that head office has (0 = none).
    """

    name: str
    next_sequence: int = 1
    acked: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """The last instant stepped and the numbers of ids made: what makes a restarted engine carry on where it was.

    Visits are counted apart: a restart tells of itself, and their ids are the same as without it.
    """

    boot_id: str
    mono_s: float
    utc_s: float
    clock: Clock
    ids_made: int
    visits_made: int = 0


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """Whether a receiver hears, and since when: a restart must not take its silence for an empty shop."""

    receiver: str
    status: Literal["up", "down"]
    since: At


@dataclass(frozen=True, slots=True)
class Erased:
    """A member whom nobody recognises any more; kept only for as long as a members document still names the handle."""

    handle: str
    at: At


Record = (
    Visit
    | Presence
    | Exposure
    | Stream
    | Timeline
    | ReceiverState
    | BeaconState
    | UsedCommand
    | Erased
    | Consent
    | ShownCode
    | Redemption
    | FeedPlace
    | FeedRow
    | DeskRecord
)
RecordKind = Literal[
    "visit",
    "presence",
    "exposure",
    "stream",
    "timeline",
    "receiver",
    "beacon",
    "command",
    "erased",
    "consent",
    "shown_code",
    "redemption",
    "feed",
    "stock",
    "order",
    "brief",
    "pickup",
    "help",
    "ticket",
    "return",
    "slip",
    "last_visit",
    "saved",
]


@dataclass(frozen=True, slots=True)
class Save:
    """The record is new, or replaces the one of its kind and key."""

    record: Record


@dataclass(frozen=True, slots=True)
class Forget:
    """The record of this kind and key is over."""

    kind: RecordKind
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Purge:
    """Whatever else is kept of a subject goes: what was decided for it, and its events that wait to be sent."""

    subject: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Events of a subject that wait to be sent go where they rest on a purpose that is not among those `agreed` to.

    `purposes_of` are the purposes of campaigns, by id.
    """

    subject: str
    agreed: frozenset[str]
    purposes_of: Mapping[str, str]


Change = Save | Forget | Purge | Withdraw


@dataclass(frozen=True, slots=True)
class Step:
    """All that one input did. `answer` is for who asked; `urgent` asks for a commit within 50 ms instead of 3 s."""

    changes: tuple[Change, ...] = ()
    events: tuple[Event, ...] = ()
    decisions: tuple[Decision, ...] = ()
    answer: object = None
    urgent: bool = False


def kind_of(record: Record) -> RecordKind:
    """The kind a record is stored under."""
    return _KINDS[type(record)]


def key_of(record: Record) -> tuple[str, ...]:
    """The key of a record among its kind: a visit's id, a presence's subject, an exposure's (subject, campaign)."""
    match record:
        case (
            Visit(id=key)
            | Presence(subject=key)
            | LastVisit(subject=key)
            | Saved(subject=key)
            | Stream(name=key)
            | UsedCommand(id=key)
            | Redemption(id=key)
            | HelpRequest(id=key)
            | Ticket(id=key)
            | Return(id=key)
            | Slip(id=key)
        ):
            return (key,)
        case (
            ReceiverState(receiver=key)
            | BeaconState(beacon=key)
            | Erased(handle=key)
            | Consent(handle=key)
            | FeedPlace(feed=key)
        ):
            return (key,)
        case ShownCode(digest=key) | Order(order=key) | Brief(handle=key) | Pickup(order=key):
            return (key,)
        case Stock():
            return (record.gtin, record.store)
        case Exposure():
            return (record.subject, record.campaign)
        case Timeline():
            return ()


_KINDS: dict[type[Record], RecordKind] = {
    Visit: "visit",
    Presence: "presence",
    Exposure: "exposure",
    Stream: "stream",
    Timeline: "timeline",
    ReceiverState: "receiver",
    BeaconState: "beacon",
    UsedCommand: "command",
    Erased: "erased",
    Consent: "consent",
    ShownCode: "shown_code",
    Redemption: "redemption",
    FeedPlace: "feed",
    Stock: "stock",
    Order: "order",
    Brief: "brief",
    Pickup: "pickup",
    HelpRequest: "help",
    Ticket: "ticket",
    Return: "return",
    Slip: "slip",
    LastVisit: "last_visit",
    Saved: "saved",
}
