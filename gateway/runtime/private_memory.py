"""Private memory: what is in this process is written to no core dump, and read by no other process of its user."""

import ctypes
import resource
import sys
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def keep_memory_private() -> None:
    """Refuse core dumps, those that are piped to a collector too (prctl(2), PR_SET_DUMPABLE; core(5))."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
