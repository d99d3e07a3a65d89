"""One job in a process of its own: a question in, an answer out, bounded in memory and time, gone with its parent.

What may be large, slow or hostile is done there, so that it can cost the daemon nothing but the wait. A child answers
once and ends. Question and answer are frames: four bytes of length, big-endian, then as many bytes.
"""

import asyncio
import ctypes
import os
import resource
import signal
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from gateway.runtime.private_memory import keep_memory_private

PASSED_ON: Final = frozenset(
    {"http_proxy", "https_proxy", "no_proxy", "all_proxy", "ssl_cert_file", "ssl_cert_dir", "lang", "lc_all", "tz"}
)
"""What a child is told of our environment (in any case); the rest may hold secrets that are none of its business."""

LENGTH: Final = struct.Struct(">I")
"""Before each frame: how many bytes it has."""
_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may use before it is ended."""

    memory_bytes: int
    """Its address space, so that it ends before the machine, or the unit, runs short."""
    cpu_s: int
    """Its time on a processor (seconds): waiting costs none."""
    wall_s: float
    """The time until it has to have answered (seconds)."""
    answer_bytes: int = 1 << 20
    """A longer answer is none."""
    lent: tuple[int, ...] = ()
    """Open files of ours that it may use, under the same numbers."""


class ChildFailed(Exception):
    """A child ended without an answer.

    `cause` is `costly` (it used more than its bounds), `killed` (by `signal`, from outside or by a fault of the
    interpreter: trying again may succeed) or `broken` (it could not begin, or answered nonsense).
    """

    def __init__(self, cause: Literal["costly", "killed", "broken"], problem: str) -> None:
        super().__init__(problem)
        self.cause = cause


async def ask_child(module: str, question: bytes, bounds: Bounds, environ: Mapping[str, str] | None = None) -> bytes:
    """What `python -m MODULE` answers to `question`; its `main` has to be `answer_parent`.

    `environ` is ours unless given. A cancelled question ends its child at once.

    Raises:
        ChildFailed: there is no answer.
    """
    told = {key: value for key, value in (environ or os.environ).items() if key.lower() in PASSED_ON}
    child = await start_child(module, bounds.memory_bytes, bounds.cpu_s, told, bounds.lent)
    try:
        async with asyncio.timeout(bounds.wall_s):
            answer = await _exchange(child, question, bounds.answer_bytes)
            if answer is not None:
                return answer
            await end_child(child, kill=False)
    except TimeoutError:
        raise ChildFailed("costly", f"it took more than {bounds.wall_s:.0f} s") from None
    finally:
        await end_child(child)
    raise _failure(child.returncode or 0, bounds)


async def start_child(
    module: str, memory_bytes: int, cpu_s: int, told: Mapping[str, str], lent: tuple[int, ...] = ()
) -> Process:
    """`python -m MODULE`, which confines itself to these bounds; `told` is all of its environment but the path.

    `lent` are the open files that it may use beside its pipes.

    Raises:
        ChildFailed: there is no room for another process.
    """
    environ = {**told, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    limits = (os.getpid(), memory_bytes, cpu_s)
    command = (sys.executable, "-P", "-m", module, *map(str, limits))
    try:
        return await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environ, pass_fds=lent
        )
    except OSError as error:
        raise ChildFailed("broken", f"no child process could be started ({error.strerror})") from error


def answer_parent(answer: Callable[[bytes], bytes]) -> None:
    """The whole life of a child: bound itself, read the question, answer it."""
    confine()
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # what some library prints must not look like the answer
        length = sys.stdin.buffer.read(LENGTH.size)
        question = sys.stdin.buffer.read(LENGTH.unpack(length)[0])
        try:
            reply = answer(question)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        out.write(LENGTH.pack(len(reply)) + reply)


OUT_OF_MEMORY: Final = 74
"""The exit status of a child that ran out of it."""


def confine() -> None:
    """Keep a child to the bounds that its parent named on the command line, its life to the parent's.

    Its memory is as private as the parent's: it may hold every member's key of the day.
    """
    parent, memory_bytes, cpu_s = map(int, sys.argv[1:4])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit("the process that asked is gone")
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    if cpu_s:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    keep_memory_private()


async def _exchange(child: Process, question: bytes, most: int) -> bytes | None:
    if child.stdin is None or child.stdout is None:
        return None
    with suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(LENGTH.pack(len(question)) + question)
        await child.stdin.drain()
    child.stdin.close()
    try:
        (length,) = LENGTH.unpack(await child.stdout.readexactly(LENGTH.size))
        return await child.stdout.readexactly(length) if length <= most else None
    except asyncio.IncompleteReadError:
        return None


async def end_child(child: Process, *, kill: bool = True) -> None:
    """Wait until a child is gone; `kill`: at once."""
    if kill and child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
    if child.stdout is not None:
        await child.stdout.read()  # what is left in the pipe: unread, it would keep `wait` waiting for ever
    await child.wait()


def _failure(status: int, bounds: Bounds) -> ChildFailed:
    if status == OUT_OF_MEMORY:
        return ChildFailed("costly", f"it took more than {bounds.memory_bytes >> 20} MiB of memory")
    if status == -signal.SIGXCPU:
        return ChildFailed("costly", f"it took more than {bounds.cpu_s} s of a processor")
    if status < 0:
        return ChildFailed("killed", f"its process was ended by signal {-status}")
    return ChildFailed("broken", f"its process ended with status {status} and no answer")
