"""A child that stays says what it says, or its parent says why it does not."""

import os
import signal
from pathlib import Path

import pytest

from gateway.runtime.child import ChildFailed
from gateway.runtime.child_link import open_child

MIB = 1 << 20


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "odd_link.py").write_text(
        "import os, time\n"
        "from gateway.runtime.child_link import serve_parent\n"
        "def job(link):\n"
        "    print('not a frame')\n"
        "    while (frame := link.receive()) is not None:\n"
        "        link.send(eval(frame))\n"
        "if __name__ == '__main__':\n"
        "    serve_parent(job)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "odd_link"


async def test_frames_go_to_and_fro(module: str) -> None:
    async with open_child(module, 512 * MIB, {"TOLD": "this"}) as link:
        for number in range(3):
            await link.send(b"str(%d).encode() * 100_000" % number)
            assert await link.receive(10) == str(number).encode() * 100_000
        await link.send(b"os.environ['TOLD'].encode() + str('HOME' in os.environ).encode()")
        assert await link.receive(10) == b"thisFalse"
        pid = link.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("frame", "within_s", "cause", "problem"),
    [
        (b"time.sleep(60)", 0.5, "costly", "nothing for 0 s"),
        (b"os.kill(os.getpid(), 9)", 10, "killed", "signal 9"),
        (b"os._exit(3)", 10, "broken", "status 3"),
        (b"bytearray(1 << 40)", 10, "costly", "more memory than it may"),
        (b"bytes(2 << 20)", 10, "broken", "2097152 bytes at once"),
    ],
)
async def test_what_becomes_of_a_bad_child(
    module: str, frame: bytes, within_s: float, cause: str, problem: str
) -> None:
    async with open_child(module, 512 * MIB, {}) as link:
        await link.send(frame)
        with pytest.raises(ChildFailed, match=problem) as failed:
            await link.receive(within_s)
    assert failed.value.cause == cause


async def test_a_stopped_child_is_noticed_and_ended(module: str) -> None:
    async with open_child(module, 512 * MIB, {}) as link:
        await link.send(b"b'up'")
        assert await link.receive(10) == b"up"
        os.kill(link.pid, signal.SIGSTOP)
        await link.send(b"b'still up'")
        with pytest.raises(ChildFailed, match="said nothing"):
            await link.receive(0.3)
        pid = link.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
