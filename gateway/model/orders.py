"""Orders to be fetched here, once their customer is: who waits for what, and the word that proves a handover."""

from dataclasses import dataclass
from typing import Literal

from gateway.model.time import At

NotFetched = Literal["left", "gone", "expired"]
"""Why nobody waits any more: the visit is over, the feed has it as lying here no more, or it has been too long."""


@dataclass(frozen=True, slots=True)
class Pickup:
    """The customer of an order that lies ready is in the shop since `here`; until it is `handed_over`.

    `visit` is theirs; None where only the order's code was shown.
    """

    order: str
    subject: str
    visit: str | None
    here: At
    handed_over: At | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """A seller (a name of the shop's own choice) hands an order over; `code` is what the customer showed for it."""

    order: str
    code: str
    seller: str
