"""The content bank: what an offer says, by its id and language."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from gateway.documents.form import Form, LanguageTag, fill, invalid

EDITORIAL = "moment"
"""The one key of an entry that is no language: the writers' own word for when it speaks, which decides nothing."""


class _Languages(Form):
    words: dict[LanguageTag, dict[str, str]] = Field(min_length=1)


def compile_content(bank: Mapping[str, Mapping[str, Any]], document: str) -> dict[str, dict[str, dict[str, str]]]:
    """The words by content id and language tag, languages in the order written.

    Raises:
        DocumentRefused: `invalid`: an entry without any language or title, or with a key that is no language tag.
    """
    return {name: _entry(entry, f"content.{name}", document) for name, entry in bank.items()}


def _entry(entry: Mapping[str, Any], key: str, document: str) -> dict[str, dict[str, str]]:
    if not isinstance(entry.get(EDITORIAL, ""), str):
        raise invalid(document, f"{key}.{EDITORIAL}", "it is not text", "Write a word, or leave it out")
    words = {tag: text for tag, text in entry.items() if tag != EDITORIAL}
    if not words:
        raise invalid(document, key, "it has no words in any language", 'Add some, such as "en": {"title": "…"}')
    by_language = fill(_Languages, {"words": words}, document, key).words
    folded: dict[str, str] = {}
    for tag, text in by_language.items():
        if "title" not in text:
            raise invalid(document, f"{key}.{tag}.title", "this key is missing", "Add it")
        if folded.setdefault(tag.lower(), tag) != tag:
            raise invalid(document, f"{key}.{tag}", "this language is there twice", "Keep one of them")
    return by_language
