"""Batches of feeds from a file: as written, in order, sent signed by the head office's own command."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from simulators.feed_file import Batch, read_batches
from tests.brokers import MOSQUITTO, mosquitto
from tests.integration.mqtt_side import quick, session, until

ROW = {"gtin": "9506000134352", "store": "office", "quantity": 3, "at": "2026-11-21T10:00:00Z"}
LINES = [{"feed": "stock", "serial": 1, "rows": [ROW]}, {"feed": "stock", "serial": 2, "base_serial": 1, "rows": []}]
ROOT = "proximity/v1/demo/office/gw-1/feeds/"


def written(folder: Path, *lines: str) -> Path:
    path = folder / "feeds.ndjson"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_batches_are_read_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, *map(json.dumps, LINES))
    assert read_batches(path) == [Batch("stock", 1, (ROW,)), Batch("stock", 2, (), 1)]


@pytest.mark.parametrize("line", ["stock", "[]", '{"feed": "stock"}', '{"feed": "stock", "serial": 1, "rows": [1]}'])
def test_a_line_that_is_no_batch_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match=r"feeds\.ndjson, line 1"):
        read_batches(written(tmp_path, line))


@pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
async def test_the_head_office_sends_them(tmp_path: Path) -> None:
    path = written(tmp_path, *map(json.dumps, LINES))
    async with (
        mosquitto(tmp_path / "broker") as broker,
        session(quick(broker.url), "watcher", [f"{ROOT}+"]) as watcher,
    ):
        await watcher.session.connected()
        command = ("-m", "simulators", "head-office", "--url", broker.url, "--feeds", str(path))
        office = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await until(lambda: len(watcher.payloads(f"{ROOT}stock")) >= 2, timeout_s=60)
        finally:
            office.send_signal(signal.SIGINT)
            await office.wait()
        assert [json.loads(each)["serial"] for each in watcher.payloads(f"{ROOT}stock")] == [1, 2]
