"""Token tables of many members, computed in a child ahead of their slot and handed to the engine as inputs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.codecs.token_table import TokenTable
from gateway.codecs.tokens import SLOT_S, day_of, slot_of
from gateway.documents.kinds import MemberLookup
from gateway.documents.member_files import MemberFiles
from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import Members
from gateway.model.health import Condition
from gateway.model.inputs import TokensReady
from gateway.model.time import Now
from gateway.runtime.feed import Committed
from gateway.runtime.inbox import InboxClosed
from gateway.uplink.library import Library

AHEAD: Final = 2
"""Slots known beyond the one that is: the next is looked at already, the one after it is made meanwhile."""
EVERY_S: Final = 20.0
"""How often the slot is looked at (seconds); a slot is 15 minutes, and its table is there one slot early."""


class TokenTables:
    """Follows the members in use and the clock; idle while the clock is not set.

    Of few members it computes nothing. Of all it erases the keys of a day once no slot of it is looked at any more.
    """

    def __init__(
        self,
        library: Library,
        *,
        now: Callable[[], Now],
        put: Callable[[TokensReady], Awaitable[None]],
        report: Callable[[Condition], None],
    ) -> None:
        self._library = library
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
                self._members = document.content
                self._handed = set()
                self._changed.set()

    async def run(self) -> None:
        """Hand over what is missing and erase what is over, for as long as the gateway runs."""
        while True:
            self._changed.clear()
            now = self._now()
            if now.clock == "synced":
                slot = slot_of(now.utc_s)
                try:
                    await self._make(slot)
                except InboxClosed:
                    return
                await self._erase(day_of((slot - 1) * SLOT_S))
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _make(self, slot: int) -> None:
        """The tables that are missing: that of what is sent now comes first, all others in one more child."""
        beside = (slot - 1, *range(slot + 1, slot + AHEAD + 1))
        self._handed &= {slot, *beside}
        for wanted in ((slot,), beside):
            await self._make_missing([each for each in wanted if each not in self._handed])

    async def _make_missing(self, missing: list[int]) -> None:
        members = self._members
        if not missing or members is None or not members.tokens_handed:
            return
        if not isinstance(members.members, MemberLookup):
            return
        files = members.members.files
        try:
            tables = await self._library.apart.tokens(files.paths, missing, self._library.device_key)
        except DocumentRefused as refused:
            self._report(refused.condition("tokens"))
            return
        self._report(Condition("tokens", "computed", "ok"))
        await self._hand(members, files, dict(zip(missing, tables, strict=True)))

    async def _hand(self, members: Members, files: MemberFiles, tables: dict[int, memoryview]) -> None:
        for slot, packed in tables.items():
            if members is self._members:
                await self._put(TokensReady(members.serial, slot, TokenTable(packed, files.handle_of)))
                self._handed.add(slot)

    async def _erase(self, before_day: int) -> None:
        try:
            await self._library.erase_days(before_day)
        except OSError as error:
            hint = f"the members' keys of days that are over are still on the disk ({error.strerror})"
            self._report(Condition("day_keys", "not_erased", "warning", hint, {"said": error.strerror}))
            return
        self._report(Condition("day_keys", "erased", "ok"))
