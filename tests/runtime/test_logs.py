"""The shape of a log line."""

import io
import json
from collections.abc import Iterator

import pytest
import structlog

from gateway.runtime.logs import configure_logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_terminal_reads_keys_and_values() -> None:
    stream = io.StringIO()
    configure_logs({}, stream=stream)
    structlog.get_logger().info("committed", steps=3)
    structlog.get_logger().debug("unsaid")
    line = stream.getvalue()
    assert line.startswith("timestamp=")
    assert line.endswith("Z level=info event=committed steps=3\n")


def test_the_journal_reads_json_and_keeps_the_time_itself() -> None:
    stream = io.StringIO()
    configure_logs({"JOURNAL_STREAM": "8:1"}, level="debug", stream=stream)
    structlog.get_logger().debug("committed", steps=3)
    assert json.loads(stream.getvalue()) == {"level": "debug", "event": "committed", "steps": 3}
