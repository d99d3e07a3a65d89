"""What the pages can say: their catalogues, and whether a code with its values finds a sentence there."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from gateway.web.page_files import FOLDER


@cache
def catalogue(language: str) -> dict[str, Any]:
    """Everything that the pages say in a language."""
    words: dict[str, Any] = {}
    for path in (FOLDER / "words").glob(f"*/{language}.json"):
        own = json.loads(path.read_text())
        assert words.keys().isdisjoint(own)
        words |= own
    return words


def sentences(words: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Every sentence with its key; a plural counts as one, by its general form."""
    for key, value in words.items():
        if isinstance(value, str):
            yield before + key, value
        elif "other" in value:
            yield before + key, value["other"]
        else:
            yield from sentences(value, f"{before}{key}.")


def filled_in(sentence: str) -> set[str]:
    """What a sentence names."""
    return set(re.findall(r"\{(\w+)\}", sentence))


def is_said(family: str, code: str, values: Mapping[str, object]) -> bool:
    """Whether the pages have a sentence for a code of a family, and `values` all that it names (`sentences.js`)."""
    known = _known()
    found = [known.get(f"{family}.{code}.{values.get('case', 'any')}"), known.get(f"{family}.{code}")]
    says = next((each for each in found if each is not None), None)
    return says is not None and filled_in(says) <= values.keys()


@cache
def _known() -> Mapping[str, str]:
    return dict(sentences(catalogue("en")))
