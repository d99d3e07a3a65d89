"""The content bank: what an offer says, by its id and language."""

from typing import Any

from pydantic import Field

from gateway.documents.form import Form, LanguageTag, Name, fill, invalid

EDITORIAL = "moment"
"""The one key of an entry that is no language: the writers' own word for when it speaks, which decides nothing."""


class _Languages(Form):
    words: dict[LanguageTag, dict[str, str]] = Field(min_length=1)


class _Bank(Form):
    content: dict[Name, dict[str, Any]]


def compile_entry(name: str, written: object, document: str) -> dict[str, dict[str, str]]:
    """The words of one entry of the bank by language tag, languages in the order written.

    Raises:
        DocumentRefused: `invalid`: a name that is none, an entry without any language or title, or with a key that is
            no language tag.
    """
    entry, key = fill(_Bank, {"content": {name: written}}, document).content[name], f"content.{name}"
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
