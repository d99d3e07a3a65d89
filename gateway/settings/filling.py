"""One table to its options: unknown keys refused by name, and what the options themselves will not take."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, fields
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from gateway.core import privacy_options
from gateway.settings.problem import did_you_mean
from gateway.settings.reading import Key, dotted
from gateway.settings.toml_types import as_toml
from gateway.storage import bounds, retention

SECRET_WORDS: Final = ("password", "secret", "key")
"""Values of keys with such a word are never repeated in a message."""

JUDGES: Final[Mapping[str, Callable[[Any], Iterator[tuple[str, str, str]]]]] = {
    "outbox": bounds.problems,
    "ledger": retention.problems,
    "privacy": privacy_options.problems,
}
"""By table: key, problem and hint of what will not do of filled options."""

Tell = Callable[[Key, str, str], None]
"""Takes a key, what is wrong with it and what to do."""


def fill_options(options: type, table: object, key: Key, tell: Tell) -> Any:
    """The options that `table`, written at `key`, gives; None where something is wrong, which `tell` is told."""
    if not isinstance(table, dict):
        tell(key, "it has to be a table", f"write [{dotted(key)}] and its keys below")
        return None
    known = {field.name: field for field in fields(options)}
    for name in table:
        if name not in known:
            hint = did_you_mean(name, known, f"write one of {', '.join(known)}")
            tell((*key, name), "there is no such key", hint)
    try:
        return TypeAdapter(options).validate_python({name: table[name] for name in table if name in known})
    except ValidationError as error:
        for each in error.errors(include_url=False):
            _refuse_value(key, each["loc"], each, known, tell)
        return None


def _refuse_value(table: Key, loc: Key, error: Any, known: Mapping[str, Field[Any]], tell: Tell) -> None:
    if not loc:
        tell(table, str(error["msg"]).removeprefix("Value error, "), "correct the table")
    elif error["type"] == "missing":
        tell((*table, *loc), "it is missing", f"write {loc[-1]} = … under [{dotted(table)}]")
    else:
        name = str(loc[0])
        secret = any(word in name for word in SECRET_WORDS)
        value = "the value" if secret else repr(error["input"])
        takes = f"the key takes {as_toml(known[name].type)}"
        tell((*table, name), f"{value} will not do: {_lower(error['msg'])}", takes)


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
