"""`read`: the codes in pictures."""

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Self

import typer

from gateway.cli.inputs import inputs
from gateway.runtime.child import ChildFailed
from gateway.runtime.child_link import ChildLink, open_child

READING: Final = "gateway.vision.read_job"
MEMORY_BYTES: Final = 2 << 30
"""Its address space: a picture of the most pixels, unpacked, and what OpenCV maps without using it."""
PATIENCE_S: Final = 20.0
"""How long one picture may take (seconds); it may use a processor for 4 s."""
BOUNDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "OPENCV_IO_MAX_IMAGE_PIXELS": str(64 << 20),
        "OPENCV_IO_MAX_IMAGE_WIDTH": str(1 << 15),
        "OPENCV_IO_MAX_IMAGE_HEIGHT": str(1 << 15),
        "OPENBLAS_NUM_THREADS": "1",
    }
)
"""OpenCV refuses a picture of more pixels before it unpacks it."""


def read(
    images: Annotated[
        list[str] | None,
        typer.Argument(metavar="IMAGE", help="Picture files; their names from stdin, one a line, if none is given."),
    ] = None,
) -> None:
    """Read the QR codes and bar codes in pictures: a JSON object a line with the codes found.

    Exit status: 0 all could be looked at, 1 one or more could not (`problem`), 2 a file is missing.
    """
    raise typer.Exit(asyncio.run(_read(inputs(images))))


async def _read(named: Iterable[tuple[str, str]]) -> int:
    status = 0
    async with _Reader() as reader:
        for place, name in named:
            if not _is_file(name):
                print(f"{place}: there is no file {name!r}: name a picture", file=sys.stderr)
                status = 2
                continue
            line = {"file": name} | await reader.line_of(name)
            print(json.dumps(line), flush=True)
            status = max(status, int("problem" in line))
    return status


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # a folder that may not be looked into, a null character
        return False


class _Reader:
    """One child for all pictures; another after one that it did not survive."""

    def __init__(self) -> None:
        self._life = AsyncExitStack()
        self._link: ChildLink | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._life.aclose()

    async def line_of(self, name: str) -> dict[str, Any]:
        """What `read` prints of one picture beside its name."""
        try:
            if self._link is None:
                self._link = await self._life.enter_async_context(open_child(READING, MEMORY_BYTES, BOUNDS))
            await self._link.send(os.fsencode(name))
            answer: dict[str, Any] = json.loads(await self._link.receive(PATIENCE_S))
        except ChildFailed as failed:
            await self._life.aclose()
            self._link = None
            return {"problem": f"it could not be looked at: {failed}"}
        return answer
