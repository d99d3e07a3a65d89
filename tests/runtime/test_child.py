"""A child answers within its bounds, or its parent says why not; it never outlives its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.runtime.child import Bounds, ChildFailed, ask_child

MIB = 1 << 20
WIDE = Bounds(memory_bytes=512 * MIB, cpu_s=20, wall_s=20.0)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of children that do what they are told; beside the tests it would be found by nobody."""
    (tmp_path / "odd_job.py").write_text(
        "import os, sys, time\n"
        "from gateway.runtime.child import answer_parent\n"
        "def answer(question):\n"
        "    print('not the answer')\n"
        "    return eval(question)\n"
        "if __name__ == '__main__':\n"
        "    answer_parent(answer)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "odd_job"


async def test_an_answer_comes_back_whole(module: str) -> None:
    assert await ask_child(module, b"question[:3] * 100_000" + bytes(0), WIDE) == b"que" * 100_000


@pytest.mark.parametrize(
    ("question", "bounds", "cause", "problem"),
    [
        (b"bytes(2 << 30)", WIDE, "costly", "512 MiB of memory"),
        (b"[0 for _ in iter(int, 1)]", Bounds(512 * MIB, 1, 20.0), "costly", "1 s of a processor"),
        (b"time.sleep(60)", Bounds(512 * MIB, 20, 1.0), "costly", "more than 1 s"),
        (b"os.kill(os.getpid(), 9)", WIDE, "killed", "signal 9"),
        (b"os._exit(3)", WIDE, "broken", "status 3"),
        (b"1 / 0", WIDE, "broken", "status 1"),
        (b"bytes(5 << 20)", WIDE, "broken", "no answer"),
    ],
)
async def test_what_becomes_of_a_bad_child(
    module: str, question: bytes, bounds: Bounds, cause: str, problem: str
) -> None:
    with pytest.raises(ChildFailed, match=problem) as failed:
        await ask_child(module, question, bounds)
    assert failed.value.cause == cause


async def test_a_child_is_told_nothing_of_our_secrets(module: str) -> None:
    environ = {"PROXIMITY_MQTT__PASSWORD": "secret", "https_proxy": "http://proxy:3128", "NO_PROXY": "shop"}
    told = await ask_child(module, b"repr(dict(os.environ)).encode()", WIDE, environ)
    assert b"secret" not in told
    assert b"proxy:3128" in told
    assert b"shop" in told


async def test_a_question_that_is_dropped_ends_its_child(module: str, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    question = f"(open({str(note)!r}, 'w').write(str(os.getpid())), time.sleep(60))".encode()
    asking = asyncio.create_task(ask_child(module, question, WIDE))
    while not note.exists() or not note.read_text():
        await asyncio.sleep(0.02)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")
def test_a_child_dies_with_its_parent(module: str, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    question = f"(open({str(note)!r}, 'w').write(str(os.getpid())), time.sleep(60))".encode()
    script = (
        "import asyncio\nfrom gateway.runtime.child import Bounds, ask_child\n"
        f"asyncio.run(ask_child({module!r}, {question!r}, Bounds(1 << 29, 20, 60.0)))"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", script], env=environ) as parent:
        while not note.exists() or not note.read_text():
            time.sleep(0.02)
        parent.send_signal(signal.SIGKILL)
    child = int(note.read_text())
    deadline_s = time.monotonic() + 60
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().split(")")[1][:3]:
        assert time.monotonic() < deadline_s
        time.sleep(0.02)
