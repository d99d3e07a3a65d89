"""What the `data` of the desk's events holds, as types: orders, help, tickets, returns, prices, slips."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from gateway.uplink.dated import Dated


class OrderLine(TypedDict):
    """So many of a product (GTIN-14)."""

    gtin: str
    quantity: Annotated[int, Field(ge=0)]


class OrderArrived(Dated):
    """The customer of an order that lies ready is in the shop (`visit` null: its code was shown), in `zone` if any."""

    order: str
    visit: str | None
    zone: str | None
    lines: list[OrderLine]


class OrderHandedOver(Dated):
    """An order was given to who showed its code, after `waited_s` in the shop (null: nobody saw the customer come)."""

    order: str
    visit: str | None
    waited_s: Annotated[float, Field(ge=0)] | None
    seller: str


class OrderNotFetched(Dated):
    """Nobody waits for an order any more, after `waited_s`.

    The visit is over (`left`); the order lies here no more, by head office (`gone`); or its code was shown, in no
    visit, half an hour ago (`expired`).
    """

    order: str
    visit: str | None
    reason: Literal["left", "gone", "expired"]
    waited_s: Annotated[float, Field(ge=0)]


class HelpWanted(Dated):
    """A request for a seller, and what it is about; what was written beside it stays in the shop."""

    help: str
    visit: str | None
    zone: str | None
    cause: Literal["asked", "campaign"]
    product: str | None
    size: str | None
    seller: str | None


class HelpRequested(HelpWanted):
    """Somebody asked, or a campaign did for them; `noted`: there are words beside it."""

    campaign: str | None
    noted: bool


class HelpClaimed(HelpWanted):
    """A seller is on the way."""

    waited_s: Annotated[float, Field(ge=0)]


class HelpClosed(HelpWanted):
    """It is over, after `lasted_s`."""

    outcome: Literal["served", "not_found", "left", "expired"]
    lasted_s: Annotated[float, Field(ge=0)]


class TicketLine(TypedDict):
    """So many of a product (GTIN-14) for `amount` in all."""

    gtin: str
    quantity: int
    amount: float


class TicketRecorded(Dated):
    """What a till sold.

    Of a member who agreed to `analytics`: the campaigns offered in this visit, those seen elsewhere before, and whether
    the member is held out from campaigns (null where nobody may say).
    """

    ticket: str
    till: str
    number: str
    total: float
    currency: str
    lines: list[TicketLine]
    visit: str | None
    offers: list[str]
    campaigns_seen: list[str]
    held_out: bool | None


_Goods = TypedDict("_Goods", {"return": str, "product": str, "quantity": int})


class ReturnReceived(_Goods, Dated):
    """Goods came back over the desk."""

    visit: str | None
    ticket: str | None
    reason: str | None


class ReturnChecked(_Goods, Dated):
    """Somebody looked at them; what is not sound is never on sale again."""

    sound: bool


class ReturnRestocked(_Goods, Dated):
    """They are on sale again."""


class PriceMismatch(Dated):
    """Somebody saw a product for less than it is here."""

    product: str
    ours: Annotated[float, Field(ge=0)]
    theirs: Annotated[float, Field(ge=0)]
    currency: str
    seen_at: Literal["shelf", "online", "elsewhere"]
    visit: str | None
    zone: str | None


class SlipTaken(Dated):
    """A till took the code that a member's phone showed: `coupons` are campaigns, `lines` a basket scanned before."""

    till: str
    visit: str | None
    coupons: list[str]
    lines: list[OrderLine]
