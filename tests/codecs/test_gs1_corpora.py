"""The verdicts of the GS1 syntax engine's own cases, and what it makes of them."""

from typing import Any

import pytest

from gateway.codecs.gs1 import Gs1Error, check_digit_holds, check_pair_holds, element_string, read_gs1
from tests.corpora import CORPORA, objects

CASES = objects(CORPORA / "gs1" / "gs1_syntax_engine.jsonl")

# The engine judges these addresses twice, with an option on and off, and the cases do not say which. Names for
# identifiers and short GTINs are read, as scanned links have them; an identifier that does not exist is refused.
READ_ALTHOUGH_REFUSED = {f"gs1/parseDLuri/{number}" for number in (36, 43, 45, 47, 49, 51)}
REFUSED_ALTHOUGH_READ = {"gs1/parseDLuri/112"}


def name(case: dict[str, Any]) -> str:
    return str(case["id"])


@pytest.mark.parametrize("case", [case for case in CASES if case["op"] == "parse_dl_uri"], ids=name)
def test_digital_links(case: dict[str, Any]) -> None:
    try:
        read = element_string(read_gs1(case["uri"]).elements).replace("\x1d", "^")
    except Gs1Error:
        read = ""
    if case["id"] in READ_ALTHOUGH_REFUSED | REFUSED_ALTHOUGH_READ:
        assert bool(read) is not case["valid"]
    else:
        assert read == case["expected_element_string"]


@pytest.mark.parametrize("case", [case for case in CASES if case["op"] == "lint_csum"], ids=name)
def test_check_digits(case: dict[str, Any]) -> None:
    assert check_digit_holds(case["value"]) is case["valid"]


@pytest.mark.parametrize("case", [case for case in CASES if case["op"] == "lint_csumalpha"], ids=name)
def test_check_pairs(case: dict[str, Any]) -> None:
    assert check_pair_holds(case["value"]) is case["valid"]
