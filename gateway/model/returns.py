"""Returns: goods that come back over the desk, looked at, and put on sale again."""

from dataclasses import dataclass
from typing import Literal

from gateway.model.time import At

ReturnState = Literal["received", "checked"]


@dataclass(frozen=True, slots=True)
class Return:
    """So many of a product (GTIN-14) that came back and are not on sale again yet.

    `subject` is the member's who brought them, `ticket` the number they were sold under, where known.
    """

    id: str
    product: str
    quantity: int
    state: ReturnState
    since: At
    subject: str | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class ReceiveReturn:
    """Somebody (a member's handle, or None) brings goods back; `reason` is a word of the shop's own."""

    product: str
    quantity: int
    reason: str | None = None
    ticket: str | None = None
    member: str | None = None


@dataclass(frozen=True, slots=True)
class CheckReturn:
    """A return was looked at: `sound` goods can be sold again, others cannot, and their return is over."""

    returned: str
    sound: bool


@dataclass(frozen=True, slots=True)
class RestockReturn:
    """Sound goods are back on the shelf: the return is over, and the stock is higher by them."""

    returned: str
