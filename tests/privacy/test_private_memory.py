"""What is in the memory of the daemon and its children goes into no core dump."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.runtime.child import Bounds, ask_child

_ASKED = """
import ctypes, resource
from gateway.runtime.private_memory import keep_memory_private
keep_memory_private()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")
def test_no_core_is_dumped_into_a_file_or_a_pipe() -> None:
    said = subprocess.run([sys.executable, "-c", _ASKED], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "(0, 0) 0", "neither a size that may be written, nor a process that may be dumped"


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")
async def test_nor_that_of_a_child_which_holds_the_keys_of_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "asked_job.py").write_text(
        "import ctypes, resource\n"
        "from gateway.runtime.child import answer_parent\n"
        "def answer(_question):\n"
        "    return repr((resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))).encode()\n"
        "if __name__ == '__main__':\n"
        "    answer_parent(answer)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    said = await ask_child("asked_job", b"", Bounds(512 << 20, cpu_s=20, wall_s=60.0))
    assert said == b"((0, 0), 0)", "neither a size that may be written, nor a process that may be dumped"
