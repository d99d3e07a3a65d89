"""`campaigns`: what is wrong with a campaigns document in a shop, and who would have got what from it."""

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final, NoReturn, TypeVar

import typer

from gateway.cli.balance import balance
from gateway.cli.replay import played
from gateway.cli.sheet import import_sheet, preset
from gateway.codecs.captures import CaptureError
from gateway.core.offers.review import review
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import load_unsigned
from gateway.model.documents import Campaigns, FloorPlan, Products
from gateway.model.event import Event
from gateway.model.inputs import DocumentReady
from gateway.model.time import from_rfc3339, rfc3339

Content = TypeVar("Content", Campaigns, FloorPlan, Products)

campaigns = typer.Typer(help="Campaigns written, tried before they go live, and measured.", no_args_is_help=True)
campaigns.command()(preset)
campaigns.command("import")(import_sheet)
campaigns.command()(balance)

Document = Annotated[Path, typer.Option("--campaigns", help="Campaigns document (JSON).")]
Plan = Annotated[Path, typer.Option(help="The shop's floor plan (TOML).")]
ProductsFile = Annotated[Path | None, typer.Option(help="Products document (JSON).")]

OFFERED: Final = ("variant", "content", "language", "channel")
WITHHELD: Final = ("reason", "would_have_shown")


@campaigns.command()
def check(
    document: Document,
    floorplan: Plan,
    products: ProductsFile = None,
    at: Annotated[str | None, typer.Option(help="As of this time (RFC 3339); now when left out.")] = None,
) -> None:
    """Print a line a finding: what can never fire, conflicts, is not translated, or lacks its prior price.

    Exit status: 0 nothing found, 1 something found, 2 a document will not do at all.
    """
    try:
        utc_s = time.time() if at is None else from_rfc3339(at)
    except ValueError as error:
        _refuse(f"--at: {error}; write a date and time like 2026-11-21T10:00:00Z")
    try:
        written, plan = _loaded(document, "campaigns", Campaigns), _loaded(floorplan, "floorplan", FloorPlan)
        sold = None if products is None else _loaded(products, "products", Products).products
    except DocumentRefused as refused:
        _refuse(str(refused))
    findings = review(written, plan, sold, utc_s)
    for finding in findings:
        print(json.dumps(asdict(finding), ensure_ascii=False))
    if not findings:
        print(f"{len(written.campaigns)} campaigns, nothing found", file=sys.stderr)
    raise typer.Exit(bool(findings))


@campaigns.command()
def rehearse(
    capture: Annotated[Path, typer.Argument(help="A capture of the shop.")],
    document: Document,
    floorplan: Plan,
    products: ProductsFile = None,
    members: Annotated[Path | None, typer.Option(help="Members document (NDJSON).")] = None,
) -> None:
    """Print who would have got what, a line an offer or refusal, and then a line a campaign.

    Exit status: 0 played, 2 a document or the capture cannot be read.
    """
    given = {"campaigns": document, "products": products, "members": members}
    try:
        plan = _loaded(floorplan, "floorplan", FloorPlan)
        documents = tuple(load_unsigned(path, name) for name, path in given.items() if path is not None)
        with capture.open(encoding="utf-8") as lines:
            told = [event for event in played(lines, capture.parent, plan, documents) if event.stream == "offer"]
    except DocumentRefused as refused:
        _refuse(str(refused))
    except CaptureError as refused:
        _refuse(f"{capture}: {refused}")
    except OSError as error:
        _refuse(f"{capture}: {error.strerror}: name a capture (.ndjson) that can be read")
    except UnicodeDecodeError:
        _refuse(f"{capture}: it is not UTF-8 text: name a capture (.ndjson)")
    for line in (*map(_line, told), *_sums(told, documents[0])):
        print(json.dumps(line, ensure_ascii=False))


def _line(event: Event) -> dict[str, object]:
    offered = event.type == "offer.made"
    facts = {key: event.data[key] for key in (OFFERED if offered else WITHHELD)}
    said = {"campaign": event.data["campaign"], "moment": event.data["moment"], "visit": event.data["visit"]}
    decision = "offered" if offered else "withheld"
    return {"at": rfc3339(event.time_utc_s), "subject": event.subject, **said, "decision": decision, **facts}


def _sums(told: list[Event], document: DocumentReady) -> Iterator[dict[str, object]]:
    """By campaign: offers, members reached, and refusals by reason (each once a visit)."""
    offers: defaultdict[object, list[str | None]] = defaultdict(list)
    refusals: defaultdict[object, Counter[str]] = defaultdict(Counter)
    for event in told:
        if event.type == "offer.made":
            offers[event.data["campaign"]].append(event.subject)
        else:
            refusals[event.data["campaign"]][str(event.data["reason"])] += 1
    known = document.content.campaigns if isinstance(document.content, Campaigns) else ()
    for campaign in known:
        made = offers[campaign.id]
        reached = {"offers": len(made), "members": len(set(made))}
        yield {"campaign": campaign.id, **reached, "withheld": dict(sorted(refusals[campaign.id].items()))}


def _loaded(path: Path, name: str, kind: type[Content]) -> Content:
    content = load_unsigned(path, name).content
    if not isinstance(content, kind):
        msg = f"{path} compiled to {type(content).__name__}"
        raise TypeError(msg)
    return content


def _refuse(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(2)
