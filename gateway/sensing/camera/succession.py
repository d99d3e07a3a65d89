"""Children that do one job, one after another: each is given the same order, and followed by the next after a pause."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType
from typing import Final

from gateway.runtime.child_link import ChildLink, open_child
from gateway.runtime.supervise import backoff

MEMORY_BYTES: Final = 1 << 30
"""A child's address space, most of which OpenCV maps without using it."""
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
"""A child's environment: RTSP over TCP, since one lost packet spoils a frame; ffmpeg's warnings, which it rewords."""


class Succession:
    """At most one child at a time, `python -m MODULE`, and the back-off between two of them."""

    def __init__(self, module: str, order: bytes, pause_s: float) -> None:
        """The first pause is of about `pause_s`."""
        self.pid: int | None = None
        """The child that works now."""
        self.life = AsyncExitStack()
        """What ends with it."""
        self._module = module
        self._order = order
        self._pause_s = pause_s
        self.worked()

    async def begin(self) -> ChildLink:
        """A child that has its order.

        Raises:
            ChildFailed: it cannot be started, or is gone already.
        """
        link = await self.life.enter_async_context(open_child(self._module, MEMORY_BYTES, TOLD))
        self.pid = link.pid
        await link.send(self._order)
        return link

    async def end(self) -> None:
        """Return when the child that works now, if any, is gone."""
        await self.life.aclose()
        self.pid = None

    def worked(self) -> None:
        """The one that works now did its job: the pause after it is a short one again."""
        self._pauses = backoff(self._pause_s, max(self._pause_s, LONGEST_PAUSE_S))

    async def pause(self) -> None:
        """Wait for as long as there should be no child."""
        await asyncio.sleep(next(self._pauses))
