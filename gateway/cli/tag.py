"""`tag`: what an NFC tag holds, and a marker of the shop put on one."""

import json
import sys
import time
from collections.abc import Callable
from typing import Annotated

import typer

from gateway.cli.ndef import line_of
from gateway.codecs.apdu import TagError
from gateway.codecs.meanings import marker_address
from gateway.codecs.ndef import UriRecord, encode
from gateway.sensing.nfc import tag as tags
from gateway.sensing.nfc.pcsc import Pcsc, PcscTrouble

tag = typer.Typer(help="Read and write the NFC tags of the shop's markers.", no_args_is_help=True)

Deed = Callable[[tags.Transmit, bytes], None]

Reader = Annotated[str | None, typer.Option(help="A part of the reader's name; the first there is, if left out.")]
Wait = Annotated[float, typer.Option(min=1, max=3600, help="How long to wait for a tag (seconds).")]


@tag.command()
def read(reader: Reader = None, wait: Wait = 30) -> None:
    """Print what the tag on the reader holds, as one JSON object; its serial number is not shown.

    Exit status: 0 read, 1 it cannot be, 2 there is no reader or no tag.
    """
    _on_tag(reader, wait, lambda transmit, atr: print(json.dumps(line_of(tags.read(transmit, atr)))))


@tag.command()
def write(
    marker: Annotated[str, typer.Argument(help="The marker's id in the floor plan.")],
    site: Annotated[str, typer.Option(help="The address of the shop's pages, such as https://shop.example.")],
    lock: Annotated[bool, typer.Option("--lock", help="Make the tag read-only, for ever.")] = False,
    reader: Reader = None,
    wait: Wait = 30,
) -> None:
    """Put a marker's address on the tag on the reader, and read it back; then lock it if asked to.

    Exit status: 0 written and verified, 1 it cannot be, 2 no such marker or site, no reader or no tag.
    """
    try:
        address = marker_address(site, marker)
    except ValueError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from error

    def deed(transmit: tags.Transmit, atr: bytes) -> None:
        tags.write(transmit, atr, encode(UriRecord(address)), lock=lock)
        print(json.dumps({"marker": marker, "uri": address, "locked": lock}))

    _on_tag(reader, wait, deed)


def _on_tag(wanted: str | None, wait_s: float, deed: Deed) -> None:
    """Do something with the first tag that lies on the reader."""
    until_s, state = time.monotonic() + wait_s, 0
    try:
        with Pcsc() as pcsc:
            reader = pcsc.find(wanted)
            print(f"lay a tag on {reader}", file=sys.stderr)
            present, atr = False, b""
            while not present:
                if time.monotonic() > until_s:
                    print(f"no tag came in {wait_s:g} s", file=sys.stderr)
                    raise typer.Exit(2)
                state, present, atr = pcsc.wait_for_change(reader, state, 0.5)
            with pcsc.tag(reader) as on_reader:
                deed(on_reader.transmit, atr)
    except TagError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error
    except PcscTrouble as trouble:
        print(trouble.hint, file=sys.stderr)
        raise typer.Exit(2) from trouble
