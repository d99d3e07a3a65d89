"""Feeds: batches are taken in order or not at all, and of a person only what may be kept is kept."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gateway.core.identity import Identity
from gateway.core.purposes import STAFF_ASSIST
from gateway.core.state import State
from gateway.model.feeds import (
    BatchRefused,
    Brief,
    FeedBatch,
    FeedName,
    FeedPlace,
    FeedRow,
    FeedTaken,
    Gone,
    Order,
    Stock,
)
from gateway.model.step import RecordKind, key_of
from gateway.model.time import Now

MOST_ROWS: Final[Mapping[FeedName, int]] = {"stock": 10_000, "orders": 2_000, "briefs": 500}
"""Rows kept of each feed; a batch that would make them more is refused whole."""

_KINDS: Final[Mapping[FeedName, RecordKind]] = {"stock": "stock", "orders": "order", "briefs": "brief"}


class Feeds:
    """Keeps the rows of every feed among the shop's state."""

    def __init__(self, state: State, identity: Identity) -> None:
        self._state = state
        self._identity = identity

    def take(self, batch: FeedBatch, now: Now) -> FeedTaken | BatchRefused:
        """Take a batch, once, or say why not; a batch that is refused changes nothing."""
        kind = _KINDS[batch.feed]
        table = self._state.rows[kind]
        place = self._state.feeds.get(batch.feed)
        refusal = _refusal(batch, place)
        if refusal is not None:
            return refusal
        if place is not None and place.serial == batch.serial:
            return FeedTaken(len(table))
        named = {row.key if isinstance(row, Gone) else key_of(row): row for row in batch.rows}
        kept = {key: row for key, row in named.items() if not isinstance(row, Gone) and self._may_keep(row)}
        judged = table if batch.base_serial is None else [key for key in named if key in table]
        over = [key for key in judged if key not in kept]
        rows = len(table) - len(over) + sum(key not in table for key in kept)
        if rows > MOST_ROWS[batch.feed]:
            return BatchRefused("too_many", f"There would be {rows} rows, and {MOST_ROWS[batch.feed]} is the most.")
        for key in over:
            self._state.forget_row(kind, key)
        for row in kept.values():
            self._state.save(row if isinstance(row, Stock) else replace(row, taken_utc_s=round(now.utc_s, 3)))
        self._state.save(FeedPlace(batch.feed, batch.serial, batch.digest))
        return FeedTaken(rows, sum(not isinstance(row, Gone) for row in named.values()) - len(kept))

    def review(self) -> None:
        """The members changed: what may not be kept of them any more goes."""
        for key, brief in list(self._state.rows["brief"].items()):
            if not self._may_keep(brief):
                self._state.forget_row("brief", key)

    def _may_keep(self, row: FeedRow) -> bool:
        """An order until its member is erased; a brief while a members document says that an adult member agreed."""
        match row:
            case Order(handle=handle):
                return handle not in self._state.erased
            case Brief(handle=handle):
                member = self._identity.member(handle) if self._identity.members is not None else None
                return member is not None and STAFF_ASSIST in member.purposes and not member.minor
        return True


def _refusal(batch: FeedBatch, place: FeedPlace | None) -> BatchRefused | None:
    if place is None:
        problem = f"It follows {batch.base_serial}, and nothing is here yet. Send all rows."
        return None if batch.base_serial is None else BatchRefused("gap", problem)
    if batch.serial < place.serial:
        return BatchRefused("older_serial", f"{place.serial} was taken already.")
    if batch.serial == place.serial and batch.digest != place.digest:
        return BatchRefused("serial_reused", "Another batch was taken under this serial. Send it under a higher one.")
    if batch.serial == place.serial or batch.base_serial in {None, place.serial}:
        return None
    return BatchRefused("gap", f"It follows {batch.base_serial}, and {place.serial} is the last here. Send all rows.")
