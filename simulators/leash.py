"""A program that does not outlive the one that started it, however that ended: `leash.py PARENT PROGRAM ARGUMENT…`.

On Linux the kernel sends the program SIGTERM when its parent is gone (prctl(2), PR_SET_PDEATHSIG); elsewhere it is just
run. The leash replaces itself by the program, which so keeps its process id.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def leashed(command: Sequence[str]) -> list[str]:
    """The command that runs `command` (its first word a path) on a leash held by this process."""
    return [sys.executable, __file__, str(os.getpid()), *command]


def main() -> None:
    """Put this process on the leash and become the program."""
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(parent):
            sys.exit("the process that asked for this one is gone")
    os.execv(command[0], command)  # noqa: S606 - becoming the program is the purpose


if __name__ == "__main__":
    main()
