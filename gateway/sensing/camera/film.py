"""Pictures that phones film, as a source: a child recognises them, and another takes over when that dies or hangs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Final, Self

from gateway.codecs.picture_link import Learned, Looked, MatchOrder, NotMatching, decode_told, encode_order
from gateway.codecs.told import NotTold
from gateway.model.filmed import AGAIN, PICTURE, Filmed, Recognised, Unreadable
from gateway.model.health import Condition
from gateway.model.sighting import PAGE, CodeText, OwnScan, Sighting
from gateway.runtime.child import ChildFailed
from gateway.runtime.child_link import ChildLink
from gateway.runtime.questions import NobodyAnswers, Question
from gateway.sensing.camera.film_options import FilmOptions
from gateway.sensing.camera.succession import FIRST_PAUSE_S, Succession
from gateway.sensing.cool_down import CoolDown
from gateway.sensing.source import Sensed, Surroundings

MATCHING: Final = "gateway.vision.match_job"
HANG_S: Final = 10.0
"""A child that takes longer than this over one picture is replaced (seconds)."""
PART: Final = "source:film"


class FilmSource:
    """Answers the frames that pages send, one after another, and yields a sighting for each picture recognised.

    The answer is `Recognised`, `Unreadable`, or None where no reference picture is shown, or none for sure. A member's
    is their own scan, anybody else's nobody's. A frame whose child ends is refused, and so are those that wait.
    """

    timekeeper = None
    name = "film"

    def __init__(
        self, options: FilmOptions, surroundings: Surroundings, hang_s: float = HANG_S, pause_s: float = FIRST_PAUSE_S
    ) -> None:
        self._health = surroundings.health
        self._filmed = surroundings.filmed
        self._hang_s = hang_s
        self._seen = CoolDown(options.held_s)
        self._children = Succession(MATCHING, encode_order(MatchOrder(str(options.pictures), options.cpu)), pause_s)
        self._end = Condition(PART, "recogniser_lost", "error", "no picture is recognised yet")

    @property
    def child_pid(self) -> int | None:
        """The child that recognises now."""
        return self._children.pid

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._children.end()

    async def __aiter__(self) -> AsyncIterator[Sensed]:
        while True:
            async for sensed in self._matched():
                yield sensed
            await self._children.end()
            self._health.report(self._end)
            await self._children.pause()

    def committed(self, positions: Mapping[str, int]) -> None:
        """Nothing to do: a page does not resend."""

    async def _matched(self) -> AsyncIterator[Sensed]:
        """What one child recognises in all its life; `_end` says why that is over."""
        try:
            link = await self._children.begin()
            pictures = await self._learned(link)
            if pictures is None:
                return
            self._children.life.enter_context(self._filmed.answering())
            while True:
                question = await self._next(link)
                looked = await self._look(link, question)
                question = replace(question, asked=replace(question.asked, frame=b""))  # looked at, and forgotten
                self._tell_recognising(pictures, looked)
                if looked.marker is None:
                    question.answer(None if looked.problem is None else Unreadable(looked.problem))
                elif not question.is_open:
                    continue  # whoever films it again is to hear what comes of it
                elif self._seen.is_new(_what(question.asked, looked.marker), asyncio.get_running_loop().time()):
                    reply = partial(self._reply, question, looked.marker)
                    yield Sensed(_sighting(question.asked, looked.marker), reply=reply)
                else:
                    question.answer(Recognised(looked.marker, AGAIN))
        except ChildFailed as failed:
            self._end = _failed(failed)
        except NotTold as error:
            self._end = Condition(PART, "recogniser_lost", "error", f"{error}; another child takes over")

    async def _learned(self, link: ChildLink) -> int | None:
        """How many reference pictures the child learned; None if it cannot."""
        while True:
            match decode_told(await link.receive(self._hang_s)):
                case Learned(pictures):
                    words = f"{pictures} pictures are known"
                    self._health.report(Condition(PART, "recognising", "ok", words, {"count": pictures}))
                    return pictures
                case NotMatching(problem):
                    self._end = Condition(PART, "bad_pictures", "error", problem, {"said": problem})
                    return None

    async def _next(self, link: ChildLink) -> Question[Filmed]:
        """The next frame to look at, as long as the child lives."""
        taking = asyncio.create_task(self._filmed.take(), name="film:take")
        ending = asyncio.create_task(link.ended(), name="film:child")
        try:
            await asyncio.wait({taking, ending}, return_when=asyncio.FIRST_COMPLETED)
            if taking.done():
                return taking.result()
            raise ending.result()
        except asyncio.CancelledError:
            if taking.done():
                taking.result().answer(NobodyAnswers())
            raise
        finally:
            taking.cancel()
            ending.cancel()

    async def _look(self, link: ChildLink, question: Question[Filmed]) -> Looked:
        try:
            await link.send(question.asked.frame)
            told = decode_told(await link.receive(self._hang_s))
            if not isinstance(told, Looked):
                raise NotTold("its child does not answer what it was asked")
        except (ChildFailed, NotTold, asyncio.CancelledError):
            question.answer(NobodyAnswers())
            raise
        self._children.worked()
        return told

    def _reply(self, question: Question[Filmed], marker: str, outcome: object) -> None:
        if isinstance(outcome, Exception):
            self._seen.forget(_what(question.asked, marker))
            question.answer(outcome)
        else:
            question.answer(Recognised(marker, outcome))

    def _tell_recognising(self, pictures: int, looked: Looked) -> None:
        words = f"{pictures} pictures are known; a look at a frame took {looked.cpu_ms:.0f} ms of a processor"
        self._health.report(Condition(PART, "recognising", "ok", words, {"count": pictures}))


def _sighting(filmed: Filmed, marker: str) -> Sighting:
    if filmed.member is not None:
        return Sighting("app", "app", OwnScan(filmed.member, PICTURE, marker))
    return Sighting("code", PAGE, CodeText(PICTURE, marker))


def _failed(failed: ChildFailed) -> Condition:
    words = f"{failed}; another child takes over"
    if failed.cause == "costly":
        return Condition(PART, "recogniser_stuck", "error", words)
    return Condition(PART, "recogniser_lost", "error", words)


def _what(filmed: Filmed, marker: str) -> bytes:
    """A picture before somebody's phone."""
    return f"{marker} {filmed.who}".encode()
