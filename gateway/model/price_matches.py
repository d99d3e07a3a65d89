"""Price matches: somebody saw the same product for less."""

from dataclasses import dataclass
from typing import Literal

from gateway.model.amount import Amount

SeenAt = Literal["shelf", "online", "elsewhere"]
"""Where the other price was: on this shop's shelf, in the brand's own online shop, or at somebody else's."""


@dataclass(frozen=True, slots=True)
class AskPriceMatch:
    """A member (its handle) or a guest (None) saw a product (GTIN-14), which is `ours` here, for `theirs`."""

    product: str
    ours: Amount
    theirs: Amount
    currency: str
    seen_at: SeenAt
    member: str | None = None
