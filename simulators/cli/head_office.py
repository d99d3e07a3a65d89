"""`head-office`: signs documents at a broker, acknowledges what gateways send, and counts it."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.model.store import StoreRef
from simulators.cli.stopping import told_to_stop
from simulators.document_file import WrittenDocument, read_document
from simulators.feed_file import Batch, read_batches
from simulators.head_office import HeadOffice
from simulators.link import URL_HELP
from simulators.live_line import LiveLine
from simulators.signer import Signer, signer_of
from simulators.stage import office_stage, publish_documents

_SHOW_S = 0.25


def head_office(
    url: Annotated[str, typer.Option(help=URL_HELP)],
    tenant: Annotated[str, typer.Option(help="As in the gateway's [store].")] = "demo",
    store: Annotated[str, typer.Option(help="As in the gateway's [store].")] = "office",
    gateway: Annotated[str, typer.Option(help="As in the gateway's [store].")] = "gw-1",
    key: Annotated[Path | None, typer.Option(help="Its private key (PEM), made if missing; else a new one.")] = None,
    document: Annotated[
        list[Path] | None, typer.Option(help="A document to sign and send in place of the samples; again for each.")
    ] = None,
    feeds: Annotated[Path | None, typer.Option(help="Batches of stock, orders and briefs (NDJSON) to send.")] = None,
) -> None:
    """Sign and publish documents, send the batches, then acknowledge and count until Ctrl-C."""
    console = Console(stderr=True)
    try:
        signer = Signer() if key is None else signer_of(key)
        sent = _Sent([read_document(path) for path in document or ()], [] if feeds is None else read_batches(feeds))
        asyncio.run(_run(url, StoreRef(tenant, store, gateway), signer, sent, console))
    except (OSError, ValueError) as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error


@dataclass(frozen=True, slots=True)
class _Sent:
    documents: Sequence[WrittenDocument]
    """None: the samples."""
    batches: Sequence[Batch]


async def _run(url: str, store: StoreRef, signer: Signer, sent: _Sent, console: Console) -> None:
    console.print(
        "The gateway's settings need:\n[trust]\n" + f'keys = {{ {signer.name} = "{signer.public_key}" }}',
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    with told_to_stop() as told:
        async with HeadOffice(url, store, signer) as office:
            _publish(office, sent)
            with LiveLine(console) as line:
                while not told.is_set():
                    line.show(_words(office), asyncio.get_running_loop().time())
                    await asyncio.sleep(_SHOW_S)
            counts = {"received": office.received, "acked": office.acked, "gaps": office.gaps}
            typer.echo(json.dumps(counts | {"duplicates_before_dedup": office.duplicates}))


def _publish(office: HeadOffice, sent: _Sent) -> None:
    for document in sent.documents:
        office.publish_document(document.name, document.content, document.serial)
    if not sent.documents:
        stage = office_stage()
        publish_documents(office, stage.floor, stage.cast.members, time.time())
    for batch in sent.batches:
        office.feed(batch.feed, batch.serial, batch.rows, batch.base_serial)


def _words(office: HeadOffice) -> str:
    return (
        f"received {office.received:,} · acked {office.acked:,} · gaps {office.gaps} · repeats {office.duplicates}"
        f" · visits {office.count('visit.started')} · offers {office.count('offer.made')}"
    )
