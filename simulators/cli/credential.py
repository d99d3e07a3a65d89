"""`credential`: what a phone, till or tablet shows to a gateway, signed as head office does."""

import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from gateway.model.store import StoreRef
from simulators.credentials import credential as credential_of
from simulators.credentials import member_credential
from simulators.signer import signer_of


def credential(
    scope: Annotated[Literal["member", "till", "staff", "it", "display"], typer.Argument(help="Who will show it.")],
    key: Annotated[
        Path, typer.Option(help="Head office's private key (PEM), whose public half is in [trust].", exists=True)
    ],
    tenant: Annotated[str, typer.Option(help="As in the gateway's [store].")],
    store: Annotated[str, typer.Option(help="As in the gateway's [store].")],
    member: Annotated[str | None, typer.Option(help="The member's handle, of scope member.")] = None,
    hours: Annotated[float, typer.Option(help="How long it is good for.", min=0.01)] = 12.0,
) -> None:
    """Print a bearer credential of the HTTP API, for `Authorization: Bearer …`; exit 2 when it cannot be made."""
    try:
        signer = signer_of(key)
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    place, until_utc_s = StoreRef(tenant, store, ""), time.time() + 3_600 * hours
    if scope != "member" and member is None:
        typer.echo(credential_of(signer, place, scope, until_utc_s))
    elif scope == "member" and member is not None:
        typer.echo(member_credential(signer, place, member, until_utc_s))
    else:
        typer.echo("--member: write the handle with the scope member, and leave it out with any other", err=True)
        raise typer.Exit(2)
