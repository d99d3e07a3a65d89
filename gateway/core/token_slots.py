"""Whose token one is: the tables of the slot before, the one that is and the one after, and what was found in them."""

from collections.abc import Iterable
from typing import Final

from gateway.codecs.token_table import TokenTable, pack_tokens
from gateway.codecs.tokens import SLOT_S, day_of
from gateway.model.documents import Members
from gateway.model.inputs import Tokens

MOST_KNOWN: Final = 10_000
"""Tokens whose answer is kept until the slot is over; the one met first makes room, and is looked up again."""

SLOTS_KEPT: Final = 3
"""A table handed over for the slot after the next goes with that of the slot before, and nothing older."""


class TokenSlots:
    """Looks a token up when it is first heard in a slot, in three tables at most, and then remembers what came of it.

    Tables are handed over where the members say so, and made here of their keys otherwise.
    """

    def __init__(self) -> None:
        self.ambiguous: int = 0
        """How often a token was that of several members, and so nobody's."""
        self._members: Members | None = None
        self._tables: dict[int, Tokens] = {}
        self._known: dict[bytes, str | None] = {}
        self._slot = 0

    def use(self, members: Members) -> None:
        """Replace the members; tables that are handed over hold until their successors come."""
        self._members = members
        self._known.clear()
        if not members.tokens_handed:
            self._tables.clear()

    def use_table(self, slot: int, table: Tokens) -> None:
        """Take the tokens of a slot; those of slots far from it go."""
        self._tables = {kept: each for kept, each in self._tables.items() if abs(kept - slot) <= SLOTS_KEPT}
        self._tables[slot] = table
        self._known.clear()

    def awaited(self, slot: int) -> bool:
        """Whether a table is yet to come that could tell whose a token is in `slot`."""
        if self._members is None or not self._members.tokens_handed:
            return False
        return any(each not in self._tables for each in (slot, slot - 1, slot + 1))

    def handle_of(self, value: bytes, slot: int) -> str | None:
        """The member who sends this token in `slot` or the ones beside it; None for nobody's and for several ones'."""
        if slot != self._slot:
            self._move_on(slot)
        if value in self._known:
            return self._known[value]
        holders = {handle for each in (slot, slot - 1, slot + 1) for handle in self._holders(value, each)}
        self.ambiguous += len(holders) > 1
        if len(self._known) >= MOST_KNOWN:
            del self._known[next(iter(self._known))]
        handle = self._known[value] = holders.pop() if len(holders) == 1 else None
        return handle

    def _move_on(self, slot: int) -> None:
        """Another slot is the one that is: tables before it are of use no more, nor what was found in them."""
        self._slot = slot
        self._known.clear()
        self._tables = {kept: table for kept, table in self._tables.items() if -1 <= kept - slot < SLOTS_KEPT}

    def _holders(self, value: bytes, slot: int) -> Iterable[str]:
        table = self._tables.get(slot)
        if table is None and self._members is not None and not self._members.tokens_handed:
            table = self._tables[slot] = _table_of(self._members, slot)
        return () if table is None else table.holders(value)


def _table_of(members: Members, slot: int) -> TokenTable:
    """The tokens of a slot, made at once."""
    day = day_of(slot * SLOT_S)
    if members.day_keys is not None:
        keys = members.day_keys.of_day(day)
    else:
        keys = ((handle, member.keys[day]) for handle, member in members.members.items() if day in member.keys)
    handles: list[str] = []
    rows: list[tuple[int, bytes]] = []
    for number, (handle, key) in enumerate(keys):
        handles.append(handle)
        rows.append((number, key))
    return TokenTable(memoryview(pack_tokens(rows, slot)), handles.__getitem__)
