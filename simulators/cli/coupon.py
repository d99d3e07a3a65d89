"""`coupon`: issues a personal coupon, as head office does, and draws the QR code that the member's app shows."""

import json
import time
from pathlib import Path
from typing import Annotated

import qrcode
import typer
from qrcode.image.svg import SvgPathImage

from gateway.codecs.signing import public_key_text
from simulators.coupon_book import IssuedCoupon
from simulators.signer import signer_of


def coupon(
    campaign: Annotated[str, typer.Argument(help="Whose benefit it gives.")],
    key: Annotated[Path, typer.Option(help="The issuer's private key (PEM), made if missing.")],
    issuer: Annotated[str, typer.Option(help="Its name in the gateway's issuers document.")] = "loyalty",
    tenant: Annotated[str, typer.Option(help="As in the gateway's [store].")] = "demo",
    store: Annotated[str, typer.Option(help="As in the gateway's [store].")] = "office",
    member: Annotated[str | None, typer.Option(help="The handle of who may use it; else who brings it.")] = None,
    output: Annotated[Path | None, typer.Option("-o", help="Where to draw the QR code (SVG).")] = None,
) -> None:
    """Print the coupon's text and the issuer's public key as one JSON object; exit 2 when a file cannot be used."""
    try:
        signer = signer_of(key)
        issued = IssuedCoupon.issue(campaign, (tenant, store), issuer, signer.key, time.time(), member)
        if output is not None:
            draw(issued.text, output)
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    typer.echo(json.dumps({"coupon": issued.text, "keys": {issuer: public_key_text(signer.key)}}))


def draw(text: str, path: Path) -> None:
    """The QR code of `text` as a picture (SVG) at `path`.

    Raises:
        OSError: it cannot be written.
    """
    code = qrcode.QRCode(border=4, image_factory=SvgPathImage)
    code.add_data(text)
    with path.open("wb") as file:
        code.make_image().save(file)
