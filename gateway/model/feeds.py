"""Feeds: what changes all day at head office and is worth knowing in the shop, in small batches without a history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

FeedName = Literal["stock", "orders", "briefs"]
FEED_NAMES: Final[tuple[FeedName, ...]] = ("stock", "orders", "briefs")

OrderState = Literal["placed", "arrived", "handed_over", "cancelled"]
"""An order is on its way to the shop, lies there, is with the customer, or will never be."""


@dataclass(frozen=True, slots=True)
class Stock:
    """How many of a product (GTIN-14) a store had at an instant (seconds since 1970): this store, or one nearby."""

    gtin: str
    store: str
    quantity: int
    at_utc_s: float


@dataclass(frozen=True, slots=True)
class OrderLine:
    """So many of a product (GTIN-14)."""

    gtin: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Order:
    """What a member ordered to be fetched here; `taken_utc_s` is when it came (seconds since 1970; 0: not yet).

    `code` is what the customer shows for it; None: the order's own name, as the code on the customer's mail says it.
    """

    order: str
    handle: str
    state: OrderState
    lines: tuple[OrderLine, ...] = ()
    taken_utc_s: float = 0.0
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Brief:
    """What a seller may know of a member who agreed to it: products wished for (GTIN-14), sizes by kind, categories.

    `seen_online` are products that the member looked at online when they were sold out there.
    `contacts_24h` is how often head office reached the member within a day; `taken_utc_s` as of an order.
    """

    handle: str
    wish_list: tuple[str, ...] = ()
    sizes: Mapping[str, str] | None = None
    last_categories: tuple[str, ...] = ()
    contacts_24h: int = 0
    taken_utc_s: float = 0.0
    seen_online: tuple[str, ...] = ()


FeedRow = Stock | Order | Brief


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """Where a feed stands: serial and digest (`sha256:` and hex) of the last batch that was taken."""

    feed: FeedName
    serial: int
    digest: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The row of this key is no more."""

    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedBatch:
    """A verified batch: what changed since the batch `base_serial`, or all there is (None)."""

    feed: FeedName
    serial: int
    digest: str
    rows: tuple[FeedRow | Gone, ...]
    base_serial: int | None = None


@dataclass(frozen=True, slots=True)
class FeedTaken:
    """A batch was taken: so many rows of the feed are here now, and so many of the batch's may not be kept."""

    rows: int
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class BatchRefused:
    """Why a batch is refused, which changes nothing then: a stable code and a sentence for a person."""

    reason: str
    says: str
