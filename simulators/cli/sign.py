"""`sign`: vouches for a document as head office does, by the manifest that is brought or sent with it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gateway.model.store import StoreRef
from simulators.document_file import read_document
from simulators.signer import signer_of


def sign(
    document: Annotated[Path, typer.Argument(help="campaigns.json, members.ndjson, settings.toml, …")],
    key: Annotated[Path, typer.Option(help="Head office's private key (PEM), made if missing.")],
    tenant: Annotated[str, typer.Option(help="As in the gateway's [store].")],
    store: Annotated[str, typer.Option(help="As in the gateway's [store].")],
    serial: Annotated[int | None, typer.Option(help="Of a floor plan, which says none itself.")] = None,
) -> None:
    """Write NAME.manifest.json beside the document, print what was signed and [trust]'s key; exit 2 when it cannot."""
    try:
        written = read_document(document, serial)
        signer = signer_of(key)
        manifest = document.with_name(f"{document.stem}.manifest.json")
        manifest.write_bytes(
            signer.manifest(written.content, StoreRef(tenant, store, ""), written.name, written.serial)
        )
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}: correct the path or its rights", err=True)
        raise typer.Exit(2) from error
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    said = {"manifest": str(manifest), "document": written.name, "serial": written.serial}
    typer.echo(json.dumps(said | {"keys": {signer.name: signer.public_key}}, ensure_ascii=False))
