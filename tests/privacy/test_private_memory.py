"""What is in the daemon's memory goes into no core dump."""

import subprocess
import sys

import pytest

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
