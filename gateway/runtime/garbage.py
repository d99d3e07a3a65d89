"""What lives long is kept from the garbage collector, whose full passes hold every thread up."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def set_aside() -> Iterator[None]:
    """What is made in this block, and all there is at its end, is never looked through for cycles.

    For a large value that lasts: it goes when nothing refers to it. A cycle that was garbage at the end of the block
    stays, so this is for blocks that come seldom.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
