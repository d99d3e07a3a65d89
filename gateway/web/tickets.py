"""`/v1/tickets`: a till tells what it sold. `/v1/receipts`: the member opens the receipt."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gateway.model.inputs import Input
from gateway.model.tickets import RecordTicket, ShowTickets, Ticket, TicketLine
from gateway.model.time import rfc3339
from gateway.web.credentials import LONGEST_HANDLE, Credential, handle_of
from gateway.web.door import Door
from gateway.web.served import Gtin, Name, amount, gtin, served

Amount = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]


class SoldLine(BaseModel):
    """So many of a product for so much in all; both below zero where it was taken back."""

    model_config = ConfigDict(extra="forbid")

    gtin: Gtin
    quantity: int = Field(ge=-1_000_000, le=1_000_000)
    amount: Amount


class Sale(BaseModel):
    """A basket that is paid."""

    model_config = ConfigDict(extra="forbid")

    till: Name
    number: str = Field(min_length=1, max_length=64, description="The till's own, new for each ticket.")
    total: Amount
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    lines: list[SoldLine] = Field(default_factory=list, max_length=250)
    member: str | None = Field(default=None, min_length=1, max_length=LONGEST_HANDLE)
    receipt: str | None = Field(default=None, pattern=r"^https://", max_length=1024)


class TicketAnswer(TypedDict):
    """The ticket is known under this id, and of this visit where it is a member's."""

    ticket: str
    visit: str | None


class Receipt(TypedDict):
    """Where a receipt is."""

    ticket: str
    at: str
    total: float
    currency: str
    receipt: str


class Receipts(TypedDict):
    """The newest first."""

    receipts: list[Receipt]


def tickets_routes(door: Door, ask: Callable[[Input], Awaitable[object]]) -> APIRouter:
    """The routes. `ask` gives the step's answer once it is committed."""
    router = APIRouter()

    @router.post("/v1/tickets", status_code=201)
    async def post_tickets(sale: Sale, _: Annotated[Credential, Depends(door.admit("till"))]) -> TicketAnswer:
        """What was sold. The same till and number again give the same answer."""
        total = amount(sale.total, "total")
        lines = (
            TicketLine(
                gtin(line.gtin, f"lines[{place}].gtin"),
                line.quantity,
                amount(line.amount, f"lines[{place}].amount"),
            )
            for place, line in enumerate(sale.lines)
        )
        told = RecordTicket(sale.till, sale.number, total, sale.currency, tuple(lines), sale.member, sale.receipt)
        ticket = await served(ask, told, Ticket)
        return TicketAnswer(ticket=ticket.id, visit=ticket.visit)

    @router.get("/v1/receipts")
    async def get_receipts(member: Annotated[Credential, Depends(door.admit("member"))]) -> Receipts:
        """The member's receipts of the last day."""
        tickets = await served(ask, ShowTickets(handle_of(member)), tuple)
        return Receipts(receipts=[_receipt(each) for each in reversed(tickets) if each.receipt is not None])

    return router


def _receipt(ticket: Ticket) -> Receipt:
    return Receipt(
        ticket=ticket.id,
        at=rfc3339(ticket.at.utc_s),
        total=float(ticket.total),
        currency=ticket.currency,
        receipt=ticket.receipt or "",
    )
