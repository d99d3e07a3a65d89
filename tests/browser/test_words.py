"""The pages' words: whole in both languages, and for everything that the documents name."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest

from gateway.core.events import EVENT_TYPES
from gateway.core.purposes import PURPOSES
from gateway.model.event import STREAMS
from gateway.model.meaning import KeptOutReason
from gateway.uplink.commands.registry import DEEDS
from gateway.web.page_files import FOLDER
from tests.architecture.markdown import first_cells, section
from tests.architecture.tree import ROOT
from tests.page_words import catalogue, filled_in, sentences

DOCS = ROOT / "docs"
LANGUAGES = ("en", "fr")
TOLD_AS_DECISIONS = {"offer.made", "offer.withheld"}
SAID_BY_STATE = {
    "receiver.changed": ("receiver_up", "receiver_down"),
    "clock.changed": ("clock_synced", "clock_unset"),
    "survey.contradicted": ("anchor_as_surveyed", "anchor_moved", "anchor_silent"),
    "help.requested": ("help_asked", "help_campaign"),
    "return.checked": ("return_sound", "return_unsound"),
}


def named_parts() -> set[str]:
    """What the conditions of health are about: of `source:RECEIVER:codes`, `source` and `codes`."""
    rows = section(DOCS / "operations.md", "Health conditions").splitlines()
    cells = "".join(row.split("|")[2] for row in rows if row.startswith("| "))
    named = ":".join(re.findall("`([^`]+)`", cells)).split(":")
    return {each for each in named if re.fullmatch("[a-z_]+", each)}


def test_both_languages_say_the_same_things() -> None:
    english, french = (dict(sentences(catalogue(language))) for language in LANGUAGES)
    assert english.keys() == french.keys()
    assert {key for key in english if filled_in(english[key]) != filled_in(french[key])} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_twice_under_one_key(language: str) -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        assert sorted(names) == sorted(set(names))
        return dict(pairs)

    for path in (FOLDER / "words").glob(f"*/{language}.json"):
        json.loads(path.read_text(), object_pairs_hook=once)


def test_every_word_that_the_pages_ask_for_exists() -> None:
    known = dict(sentences(catalogue("en")))
    scripts = "".join(path.read_text() for path in FOLDER.glob("scripts/*.js"))
    pages = "".join(path.read_text() for path in FOLDER.glob("*.html"))
    asked = set(re.findall(r'\b(?:say|tell)\(\s*"([\w.]+)"', scripts))
    asked |= set(re.findall(r'data-(?:words|label)="([\w.]+)"', pages))
    assert len(asked) > 60
    assert asked - known.keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_the_documents_name_has_words(language: str) -> None:
    words = catalogue(language)
    reasons = first_cells(section(DOCS / "wire.md", "Why an offer is withheld"))
    assert reasons == words["reasons"].keys() == words["reason_titles"].keys()
    assert first_cells(section(DOCS / "wire.md", "Why a document is refused")) <= words["conditions"].keys()
    assert first_cells(section(DOCS / "operations.md", "Health conditions")) <= words["conditions"].keys()
    assert named_parts() <= words["parts"].keys()
    assert set(STREAMS) == words["classes"].keys()
    assert first_cells(section(DOCS / "wire.md", "Why the desk does not serve")) == words["desk"]["refusals"].keys()
    told = {name for event in EVENT_TYPES for name in SAID_BY_STATE.get(event, (event.replace(".", "_"),))}
    unsaid = {event.replace(".", "_") for event in TOLD_AS_DECISIONS}
    assert told - unsaid == words["story"]["events"].keys()


NOTHING_TO_DO = {"flowing", "zones_by_survey"}
"""Codes of rows of which another code asks for something to be done."""


def hints(words: Mapping[str, Any]) -> Iterator[str]:
    """Codes of which the pages say what to do."""
    for family in words["hints"].values():
        yield from family


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_wrong_has_words_for_what_to_do(language: str) -> None:
    words = catalogue(language)
    rows = section(DOCS / "operations.md", "Health conditions").splitlines()
    cells = [row.split("|") for row in rows if row.startswith("| `")]
    told_what_to_do = [row for row in cells if row[4].strip() and "on a satellite" not in row[3]]
    wrong = {code for row in told_what_to_do for code in re.findall("`([^`]+)`", row[1])}
    assert wrong - NOTHING_TO_DO - set(hints(words)) == set()
    assert words["reasons"].keys() == words["details"].keys()
    assert set(get_args(KeptOutReason)) == words["code_reasons"].keys()
    assert set(DEEDS) == words["commands"].keys()
    assert PURPOSES.keys() == words["purposes"].keys()


def test_a_line_never_begins_with_the_end_of_what_is_before() -> None:
    loose = re.compile(r"(?<=\S) [:;?!»]|« ")
    assert {key for key, said in sentences(catalogue("fr")) if loose.search(said)} == set()


def test_a_script_fits_in_a_head() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in FOLDER.glob("scripts/*.js")}
    assert {name: count for name, count in lines.items() if count > 250} == {}
