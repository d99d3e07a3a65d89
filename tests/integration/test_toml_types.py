"""What a setting takes is said as one writes it in TOML."""

from dataclasses import fields

from gateway.sensing.registry import SOURCES
from gateway.settings.surface import TABLES
from gateway.settings.toml_types import as_toml


def test_every_option_says_in_words_of_toml_what_it_takes() -> None:
    options = [*TABLES.values(), *(source.options for source in SOURCES.values())]
    words = {as_toml(field.type) for each in options for field in fields(each)}
    assert {"a whole number", "true or false", '"engine" or "satellite"', "a path in quotation marks"} < words
    assert as_toml(str | tuple[str, ...]) == "text in quotation marks or a list in square brackets"
