"""A fault is told by its kind and place: what it quotes may be a person."""

import asyncio
import gc
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog
import typer
from joserfc.errors import DecodeError
from pydantic import TypeAdapter, ValidationError

from gateway.cli.run import live
from gateway.runtime.errors import StorageUnavailable, said_of
from gateway.runtime.faults import log_fault, log_foreign_faults
from gateway.runtime.logs import configure_logs

PERSON = "m.zq7markedhandle1"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    handlers, level = logging.root.handlers[:], logging.root.level
    thread, nobody = threading.excepthook, sys.unraisablehook
    stream = io.StringIO()
    configure_logs({"JOURNAL_STREAM": "8:1"}, stream=stream)
    yield stream
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    threading.excepthook, sys.unraisablehook = thread, nobody
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def broken() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(deeper())


async def deeper() -> None:
    raise KeyError(PERSON)


def test_a_fault_of_the_core_ends_the_process_and_names_nobody(
    log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        live(broken())
    assert ended.value.exit_code == 1
    (line,) = lines(log)
    assert (line["level"], line["event"], line["error"]) == ("error", "fault", "KeyError")
    assert line["way"].endswith(" deeper"), "who mends it sees by which way it came"
    assert "test_faults.py:" in line["way"]
    assert PERSON not in log.getvalue() + "".join(capfd.readouterr())


def test_what_was_written_for_people_is_said(log: io.StringIO) -> None:
    log_fault(ExceptionGroup("two", [StorageUnavailable("the disk is full", "free room"), OSError(28, "no space")]))
    assert [line["error"] for line in lines(log)] == [
        "StorageUnavailable: the disk is full: free room",
        "OSError: [Errno 28] no space",
    ]


def test_what_libraries_tasks_and_threads_say_names_nobody(log: io.StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    gc.collect()  # what other tests left behind is none of this one's
    log_foreign_faults()
    logging.getLogger("some.library").warning("met %s", PERSON)
    logging.getLogger("some.library").info("not worth a line")
    asyncio.run(nobody_awaits())
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    said = [(line["event"], line.get("library", line.get("error"))) for line in lines(log)]
    assert said == [
        ("library_said", "some.library"),
        ("library_said", "asyncio"),
        ("library_fault", "KeyError"),
        ("thread_fault", "KeyError"),
    ]
    assert PERSON not in log.getvalue() + "".join(capfd.readouterr())


@pytest.mark.parametrize(("own", "known"), [(35, "warning"), (45, "error"), (99, "critical")])
def test_a_level_of_a_librarys_own_is_the_known_one_below_it(own: int, known: str, log: io.StringIO) -> None:
    log_foreign_faults()
    logging.getLogger("some.library").log(own, "met %s", PERSON)
    assert [line["level"] for line in lines(log)] == [known]


def test_what_a_library_quotes_is_not_said_of_an_edge_that_fails() -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(int).validate_python(PERSON)
    with pytest.raises(DecodeError) as mangled:
        raise DecodeError(PERSON)
    for quoting in (refused.value, mangled.value):
        assert PERSON in str(quoting)
        assert said_of(quoting).startswith(f"{type(quoting).__name__} at ")


async def nobody_awaits() -> None:
    task = asyncio.create_task(deeper())
    await asyncio.wait({task})
    del task
    gc.collect()


def fail() -> None:
    raise KeyError(PERSON)
