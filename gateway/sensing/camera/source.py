"""A camera as a source: a child watches it, and another takes over when that dies or hangs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Final, Literal, Self

from gateway.codecs.camera_link import CodeSeen, NotWatching, Watching, WatchOrder, decode_told, encode_order
from gateway.codecs.told import NotTold
from gateway.model.health import Condition
from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import CodeText, Sighting
from gateway.runtime.child import ChildFailed
from gateway.sensing.camera.held_up import HeldUp
from gateway.sensing.camera.options import CameraOptions
from gateway.sensing.camera.succession import FIRST_PAUSE_S, Succession
from gateway.sensing.source import Sensed, Surroundings

WATCHING: Final = "gateway.vision.watch_job"
HANG_S: Final = 15.0
"""A child tells every second that it lives; after so long without a word another takes its place (seconds)."""


class CameraSource:
    """Yields a sighting for each code or picture that is held up, never lossy, and the receiver's health.

    Nothing is queued here: a child that sees more than the gateway takes waits, and looks at fewer frames.
    """

    timekeeper = None

    def __init__(
        self, options: CameraOptions, surroundings: Surroundings, hang_s: float = HANG_S, pause_s: float = FIRST_PAUSE_S
    ) -> None:
        self.name = options.receiver
        self._health = surroundings.health
        self._hang_s = hang_s
        self._held_up = HeldUp(options.held_s)
        pictures = None if options.pictures is None else str(options.pictures)
        order = WatchOrder(options.camera, options.frames_per_s, options.cpu, pictures)
        self._children = Succession(WATCHING, encode_order(order), pause_s)
        self._status: Literal["up", "down"] | None = None
        self._end = Condition(f"source:{options.receiver}", "no_camera", "error", "it is not watched yet")

    @property
    def child_pid(self) -> int | None:
        """The child that watches now."""
        return self._children.pid

    async def __aenter__(self) -> Self:
        self._status = None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._children.end()

    async def __aiter__(self) -> AsyncIterator[Sensed]:
        while True:
            async for sensed in self._watched():
                yield sensed
            await self._children.end()
            self._health.report(self._end)
            if self._status == "up":
                self._children.worked()
            if self._turns("down"):
                yield Sensed(ReceiverHealth(self.name, "down"))
            if self._end.code == "over":
                return
            await self._children.pause()

    def committed(self, positions: Mapping[str, int]) -> None:
        """Nothing to do: a camera does not resend."""

    async def _watched(self) -> AsyncIterator[Sensed]:
        """What one child sees in all its life; `_end` says why that is over."""
        try:
            link = await self._children.begin()
            while True:
                match decode_told(await link.receive(self._hang_s)):
                    case CodeSeen() as code:
                        if self._held_up.is_new(code, _mono_s()):
                            yield Sensed(Sighting("code", self.name, CodeText(code.symbology, code.text)))
                    case Watching() as watching:
                        if watching.looks and self._turns("up"):
                            self._tell_watching(watching)
                            yield Sensed(ReceiverHealth(self.name, "up"))
                    case NotWatching() as end:
                        self._end = self._not_watching(end)
                        return
        except ChildFailed as failed:
            self._end = self._failed(failed)
        except NotTold as error:
            self._end = Condition(f"source:{self.name}", "camera_lost", "error", f"{error}; another child takes over")

    def _turns(self, status: Literal["up", "down"]) -> bool:
        changed, self._status = status != self._status, status
        return changed

    def _tell_watching(self, told: Watching) -> None:
        words = f"a look at a frame takes {told.cpu_ms:.0f} ms of a processor"
        values = {"milliseconds": round(told.cpu_ms)}
        self._health.report(Condition(f"source:{self.name}", "watching", "ok", words, values))

    def _failed(self, failed: ChildFailed) -> Condition:
        part, words = f"source:{self.name}", f"{failed}; another child takes over"
        if failed.cause == "costly":
            return Condition(part, "camera_stuck", "error", words)
        return Condition(part, "camera_lost", "error", words)

    def _not_watching(self, told: NotWatching) -> Condition:
        part = f"source:{self.name}"
        match told.code:
            case "over":
                return Condition(part, "over", "ok", "the file or folder was watched to its end")
            case "no_frames":
                return Condition(part, "no_frames", "error", f"{told.problem}; it is opened again")
            case "bad_pictures":
                return Condition(part, "bad_pictures", "error", told.problem, {"said": told.problem})
            case _:
                values = {"case": told.case} if told.case else {}
                return Condition(part, "no_camera", "error", f"{told.problem}; it is tried again", values)


def _mono_s() -> float:
    return asyncio.get_running_loop().time()
