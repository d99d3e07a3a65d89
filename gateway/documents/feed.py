"""A batch of a feed as it comes from the broker: its signature first, then its rows, before anything is believed."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.codecs.signing import digest_of, feed_text
from gateway.documents.form import Form, Name, fill, invalid, read_json
from gateway.documents.gtin import gtin_14
from gateway.documents.refusal import DocumentRefused
from gateway.documents.verify import TrustOptions, check_signature
from gateway.model.feeds import Brief, FeedBatch, FeedName, FeedRow, Gone, Order, OrderLine, OrderState, Stock
from gateway.model.store import StoreRef
from gateway.model.time import from_rfc3339

MAX_BATCH_BYTES: Final = 65_536
"""A longer message is not even parsed."""
MAX_ROWS: Final = 250
"""Rows of one batch; more come in further ones, each a change to the one before."""

Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Short = Annotated[str, Field(min_length=1, max_length=64)]


class Envelope(BaseModel):
    """What carries a batch: its JSON text, whose key signed it, and the signature. Keys of newer peers are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    serial: Annotated[int, Field(ge=0)]
    batch: str
    key: str
    signature: str


class _BatchForm(Form):
    base_serial: Annotated[int, Field(ge=0)] | None = None
    rows: Annotated[list[dict[str, Any]], Field(max_length=MAX_ROWS)]


class _StockForm(Form):
    gtin: str
    store: Name
    quantity: Count
    at: str


class _StockGoneForm(Form):
    gtin: str
    store: Name
    removed: Literal[True]


class _LineForm(Form):
    gtin: str
    quantity: Count


class _OrderForm(Form):
    order: Name
    handle: Name
    state: OrderState
    lines: Annotated[list[_LineForm], Field(max_length=100)]
    code: Short | None = None


class _OrderGoneForm(Form):
    order: Name
    removed: Literal[True]


class _BriefForm(Form):
    handle: Name
    wish_list: Annotated[list[str], Field(max_length=100)]
    sizes: Annotated[dict[Short, Short], Field(max_length=20)]
    last_categories: Annotated[list[Short], Field(max_length=20)]
    contacts_24h: Count
    seen_online: Annotated[list[str], Field(max_length=100)] = Field(default_factory=list)


class _BriefGoneForm(Form):
    handle: Name
    removed: Literal[True]


def read_envelope(payload: bytes, feed: FeedName) -> Envelope:
    """The envelope in a message on the topic of `feed`.

    Raises:
        DocumentRefused: `too_large`, `malformed`.
    """
    if len(payload) > MAX_BATCH_BYTES:
        problem = f"it has {len(payload)} bytes; a batch has at most {MAX_BATCH_BYTES}"
        raise DocumentRefused("too_large", problem, "Send it in several batches", document=feed)
    try:
        return Envelope.model_validate_json(payload)
    except ValidationError as error:
        problem = f"it is not of the form: {error.errors(include_url=False, include_input=False)[0]['msg']}"
        raise DocumentRefused("malformed", problem, "Sign and send it again", document=feed) from error


def read_batch(envelope: Envelope, feed: FeedName, store: StoreRef, trust: TrustOptions) -> FeedBatch:
    """The batch that a trusted key signed for this store and feed.

    Raises:
        DocumentRefused: `unknown_key`, `bad_signature`, `malformed` or `invalid`, naming what is wrong by its key.
    """
    content = envelope.batch.encode(errors="replace")
    digest = digest_of(content)
    text = feed_text(tenant=store.tenant, store=store.store, feed=feed, serial=envelope.serial, digest=digest)
    check_signature(feed, trust, envelope.key, text, envelope.signature)
    form = fill(_BatchForm, read_json(content, feed), feed)
    if form.base_serial is not None and form.base_serial >= envelope.serial:
        problem = f"it follows {form.base_serial}, which is not below its own serial {envelope.serial}"
        raise invalid(feed, "base_serial", problem, "Name the serial of the batch before")
    return FeedBatch(feed, envelope.serial, digest, read_rows(feed, form.rows), form.base_serial)


def read_rows(feed: FeedName, rows: Iterable[Mapping[str, Any]]) -> tuple[FeedRow | Gone, ...]:
    """The rows of a feed, as written.

    Raises:
        DocumentRefused: `invalid`, naming what is wrong by its key.
    """
    return tuple(_READERS[feed](dict(row), f"rows[{number}]") for number, row in enumerate(rows))


def _stock(row: dict[str, Any], key: str) -> Stock | Gone:
    if "removed" in row:
        gone = fill(_StockGoneForm, row, "stock", key)
        return Gone((_gtin(gone.gtin, "stock", f"{key}.gtin"), gone.store))
    form = fill(_StockForm, row, "stock", key)
    try:
        at_utc_s = from_rfc3339(form.at)
    except ValueError as error:
        raise invalid("stock", f"{key}.at", str(error), "Write it as 2026-11-21T10:00:00Z") from error
    return Stock(_gtin(form.gtin, "stock", f"{key}.gtin"), form.store, form.quantity, at_utc_s)


def _order(row: dict[str, Any], key: str) -> Order | Gone:
    if "removed" in row:
        return Gone((fill(_OrderGoneForm, row, "orders", key).order,))
    form = fill(_OrderForm, row, "orders", key)
    lines = (
        OrderLine(_gtin(line.gtin, "orders", f"{key}.lines[{number}].gtin"), line.quantity)
        for number, line in enumerate(form.lines)
    )
    return Order(form.order, form.handle, form.state, tuple(lines), code=form.code)


def _brief(row: dict[str, Any], key: str) -> Brief | Gone:
    if "removed" in row:
        return Gone((fill(_BriefGoneForm, row, "briefs", key).handle,))
    form = fill(_BriefForm, row, "briefs", key)
    return Brief(
        form.handle,
        _gtins(form.wish_list, f"{key}.wish_list"),
        form.sizes,
        tuple(form.last_categories),
        form.contacts_24h,
        seen_online=_gtins(form.seen_online, f"{key}.seen_online"),
    )


def _gtins(written: list[str], key: str) -> tuple[str, ...]:
    return tuple(_gtin(gtin, "briefs", f"{key}[{number}]") for number, gtin in enumerate(written))


def _gtin(text: str, feed: FeedName, key: str) -> str:
    try:
        return gtin_14(text)
    except ValueError as error:
        raise invalid(feed, key, "this is no GTIN", "Write its 8, 12, 13 or 14 digits") from error


_READERS: Final[Mapping[FeedName, Callable[[dict[str, Any], str], FeedRow | Gone]]] = {
    "stock": _stock,
    "orders": _order,
    "briefs": _brief,
}
