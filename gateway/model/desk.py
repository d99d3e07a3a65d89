"""What is asked at the desk and the till, and the refusal that all of it may get."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.model.feeds import Brief, OrderLine
from gateway.model.help import AskHelp, ClaimHelp, CloseHelp, HelpRequest
from gateway.model.last_visit import LastVisit
from gateway.model.orders import HandOver, Pickup
from gateway.model.price_matches import AskPriceMatch
from gateway.model.queue import LongQueue
from gateway.model.returns import CheckReturn, ReceiveReturn, RestockReturn, Return
from gateway.model.savings import Saved, ShowSaved
from gateway.model.slips import MakeSlip, Slip, TakeSlip
from gateway.model.tickets import RecordTicket, ShowTickets, Ticket
from gateway.model.time import At


@dataclass(frozen=True, slots=True)
class NotServed:
    """Why nothing was done: a stable code and a sentence for a person."""

    reason: str
    says: str


@dataclass(frozen=True, slots=True)
class ShowDesk:
    """Sellers want to see what waits."""


@dataclass(frozen=True, slots=True)
class DeskView:
    """What waits, the oldest first: requests, customers for their orders (with `lines` by order), returns; long queues.

    `briefs` are of the members who agreed to it and are in the shop, `zones` where all these are now, by subject.
    """

    help: tuple[HelpRequest, ...]
    pickups: tuple[Pickup, ...]
    lines: Mapping[str, tuple[OrderLine, ...]]
    returns: tuple[Return, ...]
    briefs: tuple[Brief, ...]
    zones: Mapping[str, str | None]
    queues: tuple[LongQueue, ...] = ()


DeskAsk = (
    AskHelp
    | ClaimHelp
    | CloseHelp
    | HandOver
    | RecordTicket
    | ShowTickets
    | ShowDesk
    | MakeSlip
    | TakeSlip
    | ReceiveReturn
    | CheckReturn
    | RestockReturn
    | AskPriceMatch
    | ShowSaved
)
DeskRecord = Pickup | HelpRequest | Ticket | Return | Slip | LastVisit | Saved
"""What is kept for the desk: each has a key of one part."""
DESK_KINDS: Final = ("pickup", "help", "ticket", "return", "slip", "last_visit", "saved")
"""The kinds that it is stored under."""


def since_of(record: DeskRecord) -> At:
    """When a record of the desk began to be one."""
    match record:
        case Pickup(here=since) | LastVisit(ended=since) | Ticket(at=since) | Saved(last=since):
            return since
        case HelpRequest(since=since) | Return(since=since) | Slip(since=since):
            return since
