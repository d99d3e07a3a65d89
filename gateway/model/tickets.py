"""Tickets: what a till sold, told once it is paid."""

from dataclasses import dataclass

from gateway.model.amount import Amount
from gateway.model.time import At


@dataclass(frozen=True, slots=True)
class TicketLine:
    """So many of a product (GTIN-14) for so much in all, in the ticket's currency."""

    gtin: str
    quantity: int
    amount: Amount


@dataclass(frozen=True, slots=True)
class RecordTicket:
    """A basket is paid at a till: `number` is the till's own for it, `member` the handle of who showed a card.

    `receipt` is the address of the receipt, for the member to open.
    """

    till: str
    number: str
    total: Amount
    currency: str
    lines: tuple[TicketLine, ...] = ()
    member: str | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class ShowTickets:
    """A member (its handle) wants to see their tickets."""

    member: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is kept of a ticket: whose it is and of which visit (None: nobody's we know), and where its receipt is."""

    id: str
    till: str
    number: str
    total: Amount
    currency: str
    at: At
    subject: str | None = None
    visit: str | None = None
    receipt: str | None = None
