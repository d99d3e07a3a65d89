"""What is written to a disk is counted."""

import os
from pathlib import Path

from gateway.runtime.wear import written_bytes

BYTES = 1 << 20


def test_what_goes_to_a_disk_is_counted(tmp_path: Path) -> None:
    before = written_bytes()
    with (tmp_path / "file").open("wb") as file:
        file.write(os.urandom(BYTES))
        file.flush()
        os.fsync(file.fileno())
    written = written_bytes() - before
    assert written == 0 or written >= BYTES, "0: the directory is in memory"
