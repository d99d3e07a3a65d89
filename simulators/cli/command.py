"""`command`: orders something of a gateway, as head office does, and prints what it answers."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.model.store import StoreRef
from simulators.link import URL_HELP
from simulators.orders import Orders
from simulators.signer import signer_of


def command(
    name: Annotated[str, typer.Argument(help="ping, snapshot, erase, explain, record, restart or log-level.")],
    url: Annotated[str, typer.Option(help=URL_HELP)],
    key: Annotated[
        Path, typer.Option(help="Head office's private key (PEM), whose public half is in [trust].", exists=True)
    ],
    tenant: Annotated[str, typer.Option(help="As in the gateway's [store].")] = "demo",
    store: Annotated[str, typer.Option(help="As in the gateway's [store].")] = "office",
    gateway: Annotated[str, typer.Option(help="As in the gateway's [store].")] = "gw-1",
    argument: Annotated[list[str] | None, typer.Option(help="NAME=VALUE; VALUE is JSON, or else text.")] = None,
    timeout: Annotated[float, typer.Option(help="How long the answer may take (seconds), a recording aside.")] = 30.0,
) -> None:
    """Give one command and print its last answer; exit 1 when it was not carried out or nothing was answered."""
    try:
        arguments = dict(_argument(each) for each in argument or ())
        timeout += _takes_s(name, arguments)
        orders = Orders(url, StoreRef(tenant, store, gateway), signer_of(key))
        answer = asyncio.run(_give(orders, name, arguments, timeout))
    except TimeoutError as error:
        typer.echo(f"no answer within {timeout:g} s: is the gateway connected, and its clock set?", err=True)
        raise typer.Exit(1) from error
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo(json.dumps(answer, ensure_ascii=False))
    if answer["status"] != "done":
        raise typer.Exit(1)


async def _give(orders: Orders, name: str, arguments: dict[str, Any], timeout_s: float) -> dict[str, Any]:
    async with orders:
        return await orders.give(name, arguments, timeout_s=timeout_s)


def _takes_s(name: str, arguments: dict[str, Any]) -> float:
    """How long it takes to carry out by what was ordered: a recording answers at its end (seconds)."""
    seconds = arguments.get("seconds") if name == "record" else None
    return seconds if isinstance(seconds, int | float) else 0.0


def _argument(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        msg = f"{text!r} is no argument: write NAME=VALUE"
        raise ValueError(msg)
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
