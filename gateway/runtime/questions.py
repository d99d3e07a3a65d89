"""Questions that one part of the gateway asks of another: bounded, taken in order, each answered or refused."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from gateway.runtime.inbox import TooManyAsks

Asked = TypeVar("Asked")


class NobodyAnswers(Exception):
    """The part that answers is not there now, or took too long; nothing is known of what came of the question."""


@dataclass(frozen=True, slots=True)
class Question(Generic[Asked]):
    """What was asked, and where the answer is waited for."""

    asked: Asked
    reply: asyncio.Future[object]

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits for the answer."""
        return not self.reply.done()

    def answer(self, answer: object) -> None:
        """Give the answer; an exception is raised where it is waited for."""
        if self.reply.done():
            return
        if isinstance(answer, Exception):
            self.reply.set_exception(answer)
        else:
            self.reply.set_result(answer)


class Questions(Generic[Asked]):
    """At most `most` questions wait for who answers; a further one is refused. While nobody answers, all are."""

    def __init__(self, most: int) -> None:
        self._queue: asyncio.Queue[Question[Asked]] = asyncio.Queue(most)
        self.answered = False
        """Whether somebody answers now."""

    @property
    def waiting(self) -> int:
        """How many nobody has taken yet."""
        return self._queue.qsize()

    async def ask(self, asked: Asked, within_s: float) -> object:
        """The answer, within so many seconds.

        Raises:
            NobodyAnswers: nobody does, or not in time.
            TooManyAsks: as many wait as may; nothing was done.
        """
        if not self.answered:
            raise NobodyAnswers
        question = Question(asked, asyncio.get_running_loop().create_future())
        try:
            self._queue.put_nowait(question)
        except asyncio.QueueFull:
            msg = f"{self._queue.maxsize} questions wait already; try again in a moment"
            raise TooManyAsks(msg) from None
        try:
            async with asyncio.timeout(within_s):
                return await question.reply
        except TimeoutError:
            raise NobodyAnswers from None

    async def take(self) -> Question[Asked]:
        """The next question that somebody still waits for."""
        while True:
            question = await self._queue.get()
            if question.is_open:
                return question

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Questions are answered within the block; those that still wait at its end are refused."""
        self.answered = True
        try:
            yield
        finally:
            self.answered = False
            while not self._queue.empty():
                self._queue.get_nowait().answer(NobodyAnswers())
