"""The side of `benchmarks.peer_storage` that runs thingsboard-gateway's own storage, in the Python that has it.

python _thingsboard.py sqlite|file cost|flood|count DIRECTORY COUNT
"""

import json
import logging
import sys
import time
from importlib import import_module
from threading import Event
from typing import Any

BODY_BYTES = 300
READ_COUNT = 1000


def opened(kind: str, directory: str) -> Any:
    """The storage with the settings of its own `tb_gateway.json`, but 1,000 events a read and so many files."""
    log = logging.getLogger("storage")
    log.setLevel(logging.CRITICAL)
    setattr(log, "trace", lambda *_: None)  # noqa: B010 - its own logger has a level of that name
    folder = f"{directory}/"
    if kind == "sqlite":
        kept_in_sqlite = import_module("thingsboard_gateway.storage.sqlite.sqlite_event_storage")
        settings: dict[str, object] = {"data_file_path": folder, "max_read_records_count": READ_COUNT}
        return kept_in_sqlite.SQLiteEventStorage(settings, log, Event())
    kept_in_files = import_module("thingsboard_gateway.storage.file.file_event_storage")
    settings = {
        "data_folder_path": folder,
        "max_file_count": 10,
        "max_read_records_count": READ_COUNT,
        "max_records_per_file": 10_000,
    }
    return kept_in_files.FileEventStorage(settings, log, Event())


def message(number: int) -> str:
    return str(number).ljust(BODY_BYTES, "x")


def drain(storage: Any, count: int) -> int:
    """Read and acknowledge until nothing came for two seconds; how many came."""
    found, last_s = 0, time.monotonic()
    while found < count and time.monotonic() - last_s < 2.0:
        pack = storage.get_event_pack()
        if pack:
            found += len(pack)
            last_s = time.monotonic()
            storage.event_pack_processing_done()
        else:
            time.sleep(0.05)
    return found


def main() -> None:
    kind, work, directory, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    storage = opened(kind, directory)
    began_s = time.process_time()
    if work == "count":
        print(json.dumps({"found": drain(storage, count)}), flush=True)
    else:
        messages = [message(number) for number in range(count)]
        began_s = time.process_time()
        for accepted, each in enumerate(messages, 1):
            if not storage.put(each):
                break
            if work == "flood":
                print(accepted, flush=True)
                time.sleep(0.0005)
        if work == "cost":
            found = drain(storage, count)
            cpu_us = (time.process_time() - began_s) / count * 1e6
            print(json.dumps({"cpu_us": cpu_us, "found": found}), flush=True)
    stop = getattr(storage, "stop", None)
    if stop is not None:
        stop()


if __name__ == "__main__":
    main()
