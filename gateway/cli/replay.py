"""`replay`: a capture through the real engine in virtual time, its events on stdout, the same bytes every time."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, TextIO

import typer

from gateway import __version__
from gateway.codecs.captures import CaptureError, DocumentFile, parse_header
from gateway.core.engine import Engine
from gateway.core.timeline import tick_due
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import load_unsigned
from gateway.documents.survey import load_survey
from gateway.model.documents import FloorPlan
from gateway.model.event import Event
from gateway.model.inputs import DocumentReady, Input, Started, Stopping, Tick
from gateway.model.store import StoreRef
from gateway.model.survey import Survey
from gateway.model.time import Now
from gateway.sensing.capture_lines import CaptureLines
from gateway.uplink.wire import encode

GATEWAY: Final = "replay"
INCARNATION: Final = "0" * 16
ID_KEY: Final = bytes(32)


def replay(
    capture: Annotated[Path, typer.Argument(help="The capture to play.")],
    floorplan: Annotated[Path, typer.Option(help="The shop's floor plan (TOML).")],
    survey: Annotated[Path | None, typer.Option(help="The shop's survey (JSON), as `survey` wrote it.")] = None,
    campaigns: Annotated[Path | None, typer.Option(help="Campaigns document (JSON).")] = None,
    products: Annotated[Path | None, typer.Option(help="Products document (JSON).")] = None,
    members: Annotated[Path | None, typer.Option(help="Members document (NDJSON).")] = None,
) -> None:
    """Play a capture through the engine and print its events, one a line."""
    given = {"campaigns": campaigns, "products": products, "members": members}
    try:
        plan = _floor_plan(floorplan)
        surveyed = load_survey(survey, plan.store) if survey is not None else None
        documents = tuple(load_unsigned(path, name) for name, path in given.items() if path is not None)
        with capture.open(encoding="utf-8") as lines:
            store = StoreRef(plan.tenant, plan.store, GATEWAY)
            for event in played(lines, capture.parent, plan, documents, surveyed):
                sys.stdout.write(encode(event, store).decode() + "\n")
    except CaptureError as error:
        raise _refused(f"{capture}: {error}") from error
    except DocumentRefused as refused:
        raise _refused(str(refused)) from refused
    except UnicodeDecodeError as error:
        raise _refused(f"{capture}: it is not UTF-8 text: name a capture (.ndjson)") from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _refused(f"{capture}: {error.strerror}: name a capture that can be read") from error


def played(
    lines: TextIO,
    folder: Path,
    plan: FloorPlan,
    documents: tuple[DocumentReady, ...] = (),
    survey: Survey | None = None,
) -> Iterator[Event]:
    """The events of a capture, in order. `folder` is where the documents lie that its lines name.

    Raises:
        CaptureError: a line cannot be read.
        DocumentRefused: a document that a line names is not taken.
    """
    engine = Engine(incarnation=INCARNATION, id_key=ID_KEY, floorplan=plan, survey=survey)
    reading = CaptureLines(parse_header(lines.readline()), lambda file: _named(file, folder))
    start = reading.now
    for given in documents:
        yield from engine.step(given, start).events
    yield from engine.step(Started(__version__), start).events
    last = start
    for number, line in enumerate(lines, start=2):
        if line.isspace():
            continue
        inputs, now = reading.read(line, number)
        for item in inputs:
            yield from _advanced(engine, item, last, now)
            last = now
    yield from engine.step(Stopping(), last).events


def _advanced(engine: Engine, item: Input, last: Now, now: Now) -> Iterator[Event]:
    """The events of `item` at `now` and of the ticks that are due before it."""
    while (tick := tick_due(engine.deadline_s, last.mono_s, now)) is not None:
        yield from engine.step(Tick(), tick).events
    yield from engine.step(item, now).events


def _floor_plan(path: Path) -> FloorPlan:
    content = load_unsigned(path, "floorplan").content
    if not isinstance(content, FloorPlan):
        msg = f"{path} compiled to {type(content).__name__}"
        raise TypeError(msg)
    return content


def _named(file: DocumentFile, folder: Path) -> DocumentReady:
    document = load_unsigned(folder / file.path, file.name)
    if document.digest != file.digest:
        problem = f"its digest is {document.digest}, the capture names {file.digest}"
        raise DocumentRefused("wrong_digest", problem, "Put the file there that was recorded", document=file.path)
    return document


def _refused(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(2)
