"""Nothing that a test or demo started outlives it, even when it is killed."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from simulators.leash import leashed

HOLDER = """
import subprocess, sys, time
from simulators.leash import leashed
print(subprocess.Popen(leashed([sys.executable, "-c", "import time; time.sleep(60)"])).pid, flush=True)
time.sleep(60)
"""


async def test_a_leashed_program_runs_as_it_is() -> None:
    command = leashed([sys.executable, "-c", "import sys; print(sys.argv[1:])", "a b", "c"])
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    out, _ = await process.communicate()
    assert (process.returncode, out) == (0, b"['a b', 'c']\n")


async def test_it_ends_with_who_started_it() -> None:
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLDER, stdout=PIPE)
    assert holder.stdout is not None
    held = int(await holder.stdout.readline())
    await asyncio.sleep(0.3)
    os.kill(held, 0)
    holder.kill()
    await holder.wait()
    async with asyncio.timeout(60):
        with contextlib.suppress(ProcessLookupError):
            while "Z" not in state(held):
                await asyncio.sleep(0.05)


def state(process: int) -> str:
    """The state letter of a process (proc(5)); an orphan may stay a zombie until somebody reaps it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError as error:
        raise ProcessLookupError from error
