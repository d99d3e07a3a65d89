"""Token tables of many members, computed in a child ahead of their slot and handed to the engine as inputs."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from gateway.codecs.token_table import TokenTable
from gateway.codecs.tokens import slot_of
from gateway.documents.apart import Apart
from gateway.documents.mapped import Lookup
from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import Member, Members
from gateway.model.health import Condition
from gateway.model.inputs import TokensReady
from gateway.model.time import Now
from gateway.runtime.feed import Committed
from gateway.runtime.inbox import InboxClosed

AHEAD: Final = 4
"""Slots made at once beyond the one before now: an hour of a child at a time, so that members are read seldom."""
EVERY_S: Final = 20.0
"""How often the slot is looked at (seconds); a slot is 15 minutes, and its table is there one slot early."""


class TokenTables:
    """Follows the members in use; computes nothing while there are few, or while the clock is not set."""

    def __init__(
        self,
        apart: Apart,
        *,
        now: Callable[[], Now],
        put: Callable[[TokensReady], Awaitable[None]],
        report: Callable[[Condition], None],
    ) -> None:
        self._apart = apart
        self._now = now
        self._put = put
        self._report = report
        self._members: Members | None = None
        self._handed: set[int] = set()
        self._changed = asyncio.Event()

    def hear(self, committed: Committed) -> None:
        """Take up members that a commit put into force."""
        for document in committed.documents:
            if isinstance(document.content, Members):
                self._members = document.content if document.content.tokens_handed else None
                self._handed = set()
                self._changed.set()

    async def run(self) -> None:
        """Hand over what is missing, for as long as the gateway runs."""
        while True:
            self._changed.clear()
            members, now = self._members, self._now()
            if members is not None and now.clock == "synced":
                slot = slot_of(now.utc_s)
                if not {slot - 1, slot, slot + 1} <= self._handed:
                    try:
                        await self._make(members, slot)
                    except InboxClosed:
                        return
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _make(self, members: Members, slot: int) -> None:
        lookup = members.members
        if not isinstance(lookup, Lookup):
            return
        wanted = [each for each in range(slot - 1, slot + AHEAD) if each not in self._handed]
        try:
            tables = await self._apart.tokens([layer.path for layer in lookup.layers], wanted)
        except DocumentRefused as refused:
            self._report(Condition("tokens", refused.code, "warning", str(refused)))
            return
        self._report(Condition("tokens", "computed", "ok"))
        handle_of: Callable[[int], str] = partial(_handle, lookup)
        for each, rows in zip(wanted, tables, strict=True):
            if members is self._members:
                await self._put(TokensReady(members.serial, each, TokenTable(rows, handle_of)))
                self._handed.add(each)


def _handle(lookup: Lookup[Member], number: int) -> str:
    return lookup.key_at(number)
