"""`gs1`: what product codes say."""

import json
from typing import Annotated

import typer

from gateway.cli.inputs import inputs
from gateway.codecs.gs1 import Gs1Error, read_gs1


def gs1(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEXT", help="Texts as a scanner gives them; from stdin, one a line, if none is given."),
    ] = None,
) -> None:
    """Read GS1 Digital Links, element strings and bar codes: a JSON object a line with the elements.

    Exit status: 0 all valid, 1 one or more are not (`problem`).
    """
    status = 0
    for _, text in inputs(texts):
        line = line_of(text)
        print(json.dumps(line))
        status = max(status, int("problem" in line))
    raise typer.Exit(status)


def line_of(text: str) -> dict[str, object]:
    """What `gs1` prints for one text: its kind and elements where it is valid, its `problem` where it is not."""
    try:
        reading = read_gs1(text)
    except Gs1Error as error:
        return {"text": text, "valid": False, "problem": str(error)}
    return {
        "text": text,
        "valid": True,
        "kind": reading.kind,
        "elements": [list(element) for element in reading.elements],
    }
