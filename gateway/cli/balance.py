"""`campaigns balance`: whether the members of each test were dealt out as it was written."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final, NoReturn, cast

import typer

from gateway.core.offers.balance import Told, balances
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import load_unsigned
from gateway.model.documents import Campaigns

_MADE: Final = "proximity.offer.made.v1"
_WITHHELD: Final = "proximity.offer.withheld.v1"


def balance(
    events: Annotated[Path, typer.Argument(help="Events as head office has them, one JSON object a line.")],
    campaigns: Annotated[Path, typer.Option(help="Campaigns document (JSON).")],
) -> None:
    """Print a line a test: members on each side, how many each was due, and how likely chance alone deals so.

    Exit status: 0 all as written, 1 a test is not, 2 a file cannot be read.
    """
    try:
        document = cast("Campaigns", load_unsigned(campaigns, "campaigns").content)
        with events.open(encoding="utf-8") as lines:
            found = balances(document, _told(lines))
    except DocumentRefused as refused:
        _refuse(str(refused))
    except _NoEventError as error:
        _refuse(f"{events}: {error}: give events as they came, one JSON object a line")
    except (OSError, UnicodeDecodeError) as error:
        _refuse(f"{events}: it cannot be read ({error}): name a file of events")
    for each in found:
        due = {side: round(members, 1) for side, members in each.due.items()}
        p = None if each.p is None else float(f"{each.p:.3g}")
        line = {"campaign": each.campaign, "split": each.split, "counts": dict(each.counts), "due": due, "p": p}
        print(json.dumps(line | {"suspect": each.suspect}))
    raise typer.Exit(any(each.suspect for each in found))


class _NoEventError(ValueError):
    """A line is no event; the message says which."""


def _told(lines: Iterable[str]) -> Iterator[Told]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
            kind, facts = event["type"], event["data"]
            if kind == _MADE:
                yield Told(event["subject"], facts["campaign"], variant=facts["variant"])
            elif kind == _WITHHELD:
                yield Told(event["subject"], facts["campaign"], reason=facts["reason"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            msg = f"line {number} is no event"
            raise _NoEventError(msg) from error


def _refuse(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(2)
