"""Documents fetched and compiled apart from the daemon, each in a child that cannot hurt it."""

import asyncio
import json
import mmap
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from gateway.documents.checks import Here
from gateway.documents.fetch import Unreachable, Wanted
from gateway.documents.mapping import Compiling, source_facts
from gateway.documents.refusal import DocumentRefused
from gateway.runtime.child import Bounds, ChildFailed, ask_child
from gateway.runtime.errors import StorageUnavailable

COMPILING: Final = Bounds(memory_bytes=768 << 20, cpu_s=900, wall_s=3600.0)
"""1,000,000 members; `benchmarks/identity.py` says what they take; mapped files count as well."""
FETCHING: Final = Bounds(memory_bytes=192 << 20, cpu_s=180, wall_s=12 * 3600.0)
"""64 MiB on a line of 12 kbit/s; a million members on one of 60."""
TABULATING: Final = Bounds(memory_bytes=1 << 30, cpu_s=180, wall_s=600.0)
"""Token tables of 1,000,000 members, four slots at a time."""
PAUSES_S: Final = (1.0, 10.0)
"""A child that was killed is started again after these pauses (seconds), then given up."""

Ask = Callable[[bytes, Bounds], Awaitable[bytes]]
"""Asks `gateway.documents.job` a question, within bounds; raises `ChildFailed`."""

IN_A_CHILD: Final[Ask] = partial(ask_child, "gateway.documents.job")


class Apart:
    """One compilation at a time, so that memory is spent once; any number of fetches, which mostly wait."""

    def __init__(
        self,
        here: Here,
        ask: Ask = IN_A_CHILD,
        pauses_s: Sequence[float] = PAUSES_S,
        judges: Mapping[str, Ask] | None = None,
    ) -> None:
        """`judges` are asked in the place of `ask` to compile what only they know, by document."""
        self._here = here
        self._ask = ask
        self._judges = judges or {}
        self._pauses_s = pauses_s
        self._compiling = asyncio.Lock()

    async def fetch(self, wanted: Wanted, path: Path) -> None:
        """Bring a document to `path`; a part that came before is gone on with.

        Raises:
            DocumentRefused: as `gateway.documents.fetch.fetch`, and as `compile`.
            Unreachable: the server gives no more of it for now.
            StorageUnavailable: the disk did not take it.
        """
        asked = {
            "job": "fetch",
            "name": wanted.name,
            "url": wanted.url,
            "size": wanted.size,
            "digest": wanted.digest,
            "ca": None if wanted.ca is None else str(wanted.ca),
            "path": str(path),
        }
        await self._answer(wanted.name, asked, FETCHING)

    async def compile(self, name: str, task: Compiling) -> int:
        """Check document `name` and, where it is one that is mapped, write its indexed file.

        Gives how many changes after a whole document the file holds, 0 for a whole one.

        Raises:
            DocumentRefused: as the compiler says; `too_costly`: it took more memory or time than it may;
                `not_compiled`: the child was killed again and again.
            StorageUnavailable: the disk did not take it.
        """
        asked = {
            "job": "compile",
            "name": name,
            "new": source_facts(task.new),
            "before": [source_facts(each) for each in task.before],
            "maps": [str(path) for path in task.maps],
            "map": str(task.path),
            "key": task.device_key.hex(),
            "tenant": self._here.tenant,
            "store": self._here.store,
            "receivers": sorted(self._here.receivers),
            "settings": self._here.settings,
        }
        async with self._compiling:
            done = await self._answer(name, asked, COMPILING, self._judges.get(name))
        return int(done["changes"])

    async def tokens(self, maps: Sequence[Path], slots: Sequence[int], device_key: bytes) -> list[memoryview]:
        """The packed token table of each of `slots`, of the members in `maps` (the whole, then any changes).

        The child writes them into memory that it was lent, so that they touch no disk and nobody copies them.

        Raises:
            DocumentRefused: `not_compiled`, `too_costly`.
        """
        with _memory(len(slots)) as lent:
            where = {"maps": [str(path) for path in maps], "key": device_key.hex()}
            asked = {"job": "tokens", "slots": list(slots), "into": lent, **where}
            async with self._compiling:
                await self._answer("members", asked, replace(TABULATING, lent=tuple(lent)))
            return await asyncio.to_thread(lambda: [_mapped(each) for each in lent])

    async def _answer(self, name: str, asked: dict[str, Any], bounds: Bounds, ask: Ask | None = None) -> dict[str, Any]:
        said = await self._asked(name, json.dumps(asked).encode(), bounds, ask or self._ask)
        match answer := json.loads(said):
            case {"refused": [code, problem, hint, key]}:
                raise DocumentRefused(code, problem, hint, document=name, key=key)
            case {"unreachable": problem}:
                raise Unreachable(problem)
            case {"unwritten": problem}:
                unkept = f"the document {name} could not be kept ({problem})"
                raise StorageUnavailable(unkept, "free room under the state directory or make it writable")
            case _:
                done: dict[str, Any] = answer["done"]
                return done

    async def _asked(self, name: str, question: bytes, bounds: Bounds, ask: Ask) -> bytes:
        left = iter(self._pauses_s)
        while True:
            try:
                return await ask(question, bounds)
            except ChildFailed as failed:
                problem = f"it could not be looked at: {failed}"
                if failed.cause == "costly":
                    hint = "Send a smaller or simpler one"
                    raise DocumentRefused("too_costly", problem, hint, document=name) from failed
                pause_s = next(left, None)
                if pause_s is None or failed.cause == "broken":
                    hint = "Send the manifest again; if that does not help, look at the gateway's memory"
                    raise DocumentRefused("not_compiled", problem, hint, document=name) from failed
            await asyncio.sleep(pause_s)


@contextmanager
def _memory(count: int) -> Iterator[list[int]]:
    """Files that are memory alone, gone when nobody has them open or mapped."""
    with ExitStack() as stack:
        files = []
        for _ in range(count):
            files.append(os.memfd_create("tokens"))
            stack.callback(os.close, files[-1])
        yield files


def _mapped(file: int) -> memoryview:
    return memoryview(mmap.mmap(file, 0, flags=mmap.MAP_SHARED | mmap.MAP_POPULATE, prot=mmap.PROT_READ))
