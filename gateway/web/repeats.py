"""Idempotency keys: a request that is sent again has its effect once, and gets the first answer."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from fastapi import Header

from gateway.runtime.feed import Committed
from gateway.web.problems import Problem

KEPT: Final = 1_000
"""Answers that are kept; the oldest goes first."""
KEPT_S: Final = 600.0
"""How long an answer is given again (seconds)."""

Answer = TypeVar("Answer")
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=128, description="Send it again with the request."),
]


@dataclass(frozen=True, slots=True)
class _Kept:
    request: str
    answer: asyncio.Future[Any]
    at_s: float


class Repeats:
    """Answers by (who, key), bounded in number and time. What failed is not kept: it may be tried again."""

    def __init__(self, kept: int = KEPT) -> None:
        self._most = kept
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    async def once(self, who: str, key: str | None, request: str, answer: Callable[[], Awaitable[Answer]]) -> Answer:
        """What `answer` gives, or what it gave for the same `key` of `who` before; `request` is all that was asked.

        Raises:
            Problem: `idempotency_reused`: the key came with another request before.
        """
        if key is None:
            return await answer()
        loop = asyncio.get_running_loop()
        kept = self._kept.get((who, key))
        if kept is not None and loop.time() - kept.at_s < KEPT_S:
            if kept.request != request:
                detail = "This Idempotency-Key came with another request before; take a new key for each request."
                raise Problem("idempotency_reused", detail)
            first: Answer = await asyncio.shield(kept.answer)
            return first
        kept = self._keep((who, key), _Kept(request, loop.create_future(), loop.time()))
        try:
            result = await answer()
        except BaseException as error:
            self._drop((who, key), kept)
            kept.answer.set_exception(error if isinstance(error, Exception) else _cut_off())
            kept.answer.exception()
            raise
        kept.answer.set_result(result)
        return result

    def forget(self, who: str) -> None:
        """Give no answer of before again to `who`, as the credential's name tells them."""
        for place in [each for each in self._kept if each[0] == who]:
            del self._kept[place]

    def hear(self, committed: Committed) -> None:
        """Take up a commit: answers to who was erased, or took back what they agreed to, hold no more."""
        for subject in committed.erased:
            self.forget(subject)
        for event in committed.events:
            if event.type == "consent.changed" and event.subject is not None and event.data["withdrawn"]:
                self.forget(event.subject)

    def _drop(self, place: tuple[str, str], kept: _Kept) -> None:
        if self._kept.get(place) is kept:
            del self._kept[place]

    def _keep(self, place: tuple[str, str], kept: _Kept) -> _Kept:
        while self._kept and kept.at_s - (oldest := next(iter(self._kept.items())))[1].at_s >= KEPT_S:
            self._drop(*oldest)
        self._kept[place] = kept
        self._kept.move_to_end(place)
        if len(self._kept) > self._most:
            done = next((each for each, other in self._kept.items() if other.answer.done()), None)
            if done is None:
                del self._kept[place]
                raise Problem("busy", "Too many requests wait for an answer. Ask again in a moment.", retry_after_s=1)
            del self._kept[done]
        return kept


def _cut_off() -> Problem:
    return Problem("busy", "The first request of this key was cut off. Ask again in a moment.", retry_after_s=1)
