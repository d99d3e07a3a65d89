"""`evaluate`: reported zones against true ones."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from gateway.cli.scoring import Placed, Score, figures, pool, score
from gateway.codecs.json_fields import FieldError, Fields
from gateway.model.time import from_rfc3339

_STARTED: Final = "proximity.gateway.started.v1"
_ENTERED: Final = "proximity.zone.entered.v1"
_LEFT: Final = "proximity.zone.left.v1"


@dataclass(frozen=True, slots=True)
class TruePlace:
    """From `t_s` (seconds) the subject is in `zone`, `at` a point of its map (metres); None = not known."""

    t_s: float
    zone: str | None
    at: tuple[float, float] | None


class _UnreadableError(ValueError):
    """An input is not what it should be; the message names the file, the line and what to give."""


def evaluate(
    events: Annotated[list[str], typer.Argument(metavar="EVENTS...", help="Events of a replay; - is stdin.")],
    truth: Annotated[list[Path], typer.Option(help="The true zones of that replay's capture; once for each EVENTS.")],
) -> None:
    """Score reported zones: accuracy, flaps an hour, enter and exit latency; a line a subject, then one for all.

    Several EVENTS, each with its --truth in the same order, are walks whose figures are pooled in the last line.
    """
    try:
        scores = _scores(events, truth)
    except _UnreadableError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from error
    for subject, each in scores:
        print(json.dumps({"subject": subject} | figures(each)))
    print(json.dumps(figures(pool(each for _, each in scores))))


def _scores(events: Sequence[str], truths: Sequence[Path]) -> list[tuple[str, Score]]:
    if len(events) != len(truths):
        msg = f"{len(events)} EVENTS and {len(truths)} --truth: give one --truth for each EVENTS, in the same order"
        raise _UnreadableError(msg)
    scores = []
    for name, path in zip(events, truths, strict=True):
        true, reported = true_zones(path), reported_zones(name)
        scores += [(subject, score(reported.get(subject, ()), placed)) for subject, placed in true.items()]
    return scores


def true_zones(path: Path) -> Mapping[str, Sequence[Placed]]:
    """By subject, the zones that a truth file gives, in order of time.

    Raises:
        ValueError: as `true_places`.
    """
    return {subject: [Placed(each.t_s, each.zone) for each in places] for subject, places in true_places(path).items()}


def true_places(path: Path) -> Mapping[str, Sequence[TruePlace]]:
    """By subject, the places that a truth file gives, in order of time.

    Raises:
        ValueError: it cannot be read, holds no line, or a line is no truth; the message says which and what to write.
    """
    placed: dict[str, list[TruePlace]] = {}
    for number, line in _lines(str(path)):
        try:
            fields = Fields.of(line)
            t_s, subject = fields.number("t"), fields.text("subject")
            zone = fields.text_or_null("zone")
            x, y = fields.optional_number("x"), fields.optional_number("y")
            fields.finish()
            before = placed.setdefault(subject, [])
            if before and t_s < before[-1].t_s:
                raise fields.wrong("t", "it goes back; put a subject's lines in the order of t")
        except FieldError as error:
            msg = f"{path}: line {number}: {error}"
            raise _UnreadableError(msg) from error
        before.append(TruePlace(t_s, zone, None if x is None or y is None else (x, y)))
    if not placed:
        msg = f'{path}: no truth: write lines such as {{"t": 12.0, "subject": "b-1", "zone": "north"}}'
        raise _UnreadableError(msg)
    return placed


def reported_zones(name: str) -> Mapping[str, Sequence[Placed]]:
    """By subject (without its `m.` or `b.`), the zones that events report; `name` is a path, or `-` for stdin.

    A zone counts from the `recordedtime` of its `zone.entered` until that zone's `zone.left` or another's entry, in
    seconds since the `time` of `gateway.started`.

    Raises:
        ValueError: the events cannot be read, or do not begin with `gateway.started`; the message says where.
    """
    placed: dict[str, list[Placed]] = {}
    for t_s, subject, kind, zone in sorted(_zone_events(name), key=lambda event: event[0]):
        told = placed.setdefault(subject, [])
        if kind == _ENTERED:
            told.append(Placed(t_s, zone))
        elif told and told[-1].zone == zone:
            told.append(Placed(t_s, None))
    return placed


def _zone_events(name: str) -> Iterator[tuple[float, str, str, str]]:
    """Time, subject, type and zone of each event that tells where somebody is."""
    started_s: float | None = None
    for number, line in _lines(name):
        try:
            event = json.loads(line)
            kind = event["type"]
            if kind == _STARTED and started_s is None:
                started_s = from_rfc3339(event["time"])
            if kind not in {_ENTERED, _LEFT}:
                continue
            if started_s is None:
                break
            t_s = round(from_rfc3339(event["recordedtime"]) - started_s, 3)
            yield t_s, event["subject"].partition(".")[2], kind, event["data"]["zone"]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            msg = f"{name}: line {number}: no event of a replay: give what `replay` printed, unchanged"
            raise _UnreadableError(msg) from error
    if started_s is None:
        msg = (
            f"{name}: gateway.started does not come first, so nothing says when t is 0: give all that `replay` printed"
        )
        raise _UnreadableError(msg)


def _lines(name: str) -> Iterator[tuple[int, str]]:
    """The lines of a file (or stdin) that are not blank, numbered from 1."""
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        lines = content.decode().split("\n")
    except OSError as error:
        msg = f"{name}: {error.strerror}: name a file that can be read"
        raise _UnreadableError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{name}: not UTF-8: give the file as it was written"
        raise _UnreadableError(msg) from error
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())
