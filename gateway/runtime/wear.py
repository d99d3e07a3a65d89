"""Wear: what this process has written to disks, which is what ends a card."""

import resource
from typing import Final

BLOCK_BYTES: Final = 512
"""What Linux counts a block of `ru_oublock` as (task_io_get_oublock, include/linux/task_io_accounting_ops.h)."""


def written_bytes() -> int:
    """Bytes that this process has had the kernel write since it began (getrusage(2)); nothing of what stays in memory.

    A page that is written twice before it goes to the disk counts once, as it wears once.
    """
    return resource.getrusage(resource.RUSAGE_SELF).ru_oublock * BLOCK_BYTES
