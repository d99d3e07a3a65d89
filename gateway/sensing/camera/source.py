"""A camera as a source: a child watches it, and another takes over when that dies or hangs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType, TracebackType
from typing import Final, Literal, Self

from gateway.codecs.camera_link import CodeSeen, NotWatching, Watching, WatchOrder, decode_told, encode_order
from gateway.codecs.told import NotTold
from gateway.model.health import Condition
from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import CodeText, Sighting
from gateway.runtime.child import ChildFailed
from gateway.runtime.child_link import ChildLink, open_child
from gateway.runtime.supervise import backoff
from gateway.sensing.camera.held_up import HeldUp
from gateway.sensing.camera.options import CameraOptions
from gateway.sensing.source import Sensed, Surroundings

WATCHING: Final = "gateway.vision.watch_job"
MEMORY_BYTES: Final = 1 << 30
"""The child's address space, most of which OpenCV maps without using it."""
HANG_S: Final = 15.0
"""A child tells every second that it lives; after so long without a word another takes its place (seconds)."""
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0
"""Between two children (seconds)."""
TOLD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "OPENBLAS_NUM_THREADS": "1",
        "OPENCV_FFMPEG_CAPTURE_OPTIONS": "rtsp_transport;tcp",
        "OPENCV_FFMPEG_LOGLEVEL": "24",
        "OPENCV_IO_MAX_IMAGE_PIXELS": str(16 << 20),
    }
)
"""The child's environment: RTSP over TCP, since one lost packet spoils a frame; ffmpeg's warnings, which it rewords."""


class CameraSource:
    """Yields a sighting for each code or picture that is held up, never lossy, and the receiver's health.

    Nothing is queued here: a child that sees more than the gateway takes waits, and looks at fewer frames.
    """

    timekeeper = None

    def __init__(
        self, options: CameraOptions, surroundings: Surroundings, hang_s: float = HANG_S, pause_s: float = FIRST_PAUSE_S
    ) -> None:
        self.name = options.receiver
        self.child_pid: int | None = None
        """The child that watches now."""
        self._options = options
        self._health = surroundings.health
        self._hang_s = hang_s
        self._pause_s = pause_s
        self._held_up = HeldUp(options.held_s)
        self._life = AsyncExitStack()
        self._status: Literal["up", "down"] | None = None
        self._end = Condition(f"source:{options.receiver}", "no_camera", "error", "it is not watched yet")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._life.aclose()

    async def __aiter__(self) -> AsyncIterator[Sensed]:
        pauses = backoff(self._pause_s, max(self._pause_s, LONGEST_PAUSE_S))
        while True:
            async for sensed in self._watched():
                yield sensed
            await self._life.aclose()
            self.child_pid = None
            self._health.report(self._end)
            if self._status == "up":
                pauses = backoff(self._pause_s, max(self._pause_s, LONGEST_PAUSE_S))
            if self._turns("down"):
                yield Sensed(ReceiverHealth(self.name, "down"))
            if self._end.code == "over":
                return
            await asyncio.sleep(next(pauses))

    def committed(self, positions: Mapping[str, int]) -> None:
        """Nothing to do: a camera does not resend."""

    async def _watched(self) -> AsyncIterator[Sensed]:
        """What one child sees in all its life; `_end` says why that is over."""
        try:
            link = await self._begin()
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

    async def _begin(self) -> ChildLink:
        link = await self._life.enter_async_context(open_child(WATCHING, MEMORY_BYTES, TOLD))
        self.child_pid = link.pid
        options = self._options
        pictures = None if options.pictures is None else str(options.pictures)
        await link.send(encode_order(WatchOrder(options.camera, options.frames_per_s, options.cpu, pictures)))
        return link

    def _turns(self, status: Literal["up", "down"]) -> bool:
        changed, self._status = status != self._status, status
        return changed

    def _tell_watching(self, told: Watching) -> None:
        words = f"a look at a frame takes {told.cpu_ms:.0f} ms of a processor"
        self._health.report(Condition(f"source:{self.name}", "watching", "ok", words))

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
                return Condition(part, "bad_pictures", "error", told.problem)
            case _:
                return Condition(part, "no_camera", "error", f"{told.problem}; it is tried again")


def _mono_s() -> float:
    return asyncio.get_running_loop().time()
