"""Tables to `Settings`: unknown keys refused by name, every problem told at once."""

from collections.abc import Iterable, Mapping
from dataclasses import Field, fields, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gateway.mqtt import options as mqtt
from gateway.sensing.registry import SOURCES
from gateway.sensing.satellites.options import SatelliteOptions
from gateway.sensing.source import SourceSettings
from gateway.settings.problem import Problem, SettingsRefused, did_you_mean
from gateway.settings.reading import Key, Written, dotted, read_settings
from gateway.settings.surface import NAME, TABLES, Settings, StoreOptions
from gateway.storage import bounds, retention
from gateway.web import options as web

SECRET_WORDS = ("password", "secret", "key")
"""Values of keys with such a word are never repeated in a message."""


def load_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of the file at `path` with what `environ` overrides; paths in them are relative to the file.

    Raises:
        SettingsUnreadable: the file is missing or no TOML.
        SettingsRefused: with every problem that shows without looking at other files.
    """
    return _Composition(read_settings(path, environ)).settings(path.parent)


class _Composition:
    """Fills options from what was written and gathers what is wrong on the way."""

    def __init__(self, written: Written) -> None:
        self._written = written
        self._problems: list[Problem] = []

    def settings(self, directory: Path) -> Settings:
        tables = self._written.tables
        known = (*TABLES, "sources")
        for name in tables:
            if name not in known:
                hint = did_you_mean(name, known, f"write one of {', '.join(known)}")
                self._tell((name,), "there is no such table", hint)
        given = {name: self._fill(options, tables[name], (name,)) for name, options in TABLES.items() if name in tables}
        sources = self._sources(tables.get("sources", []))
        if "store" not in tables:
            self._tell(("store",), "the table is missing", "write [store] with tenant, id, gateway and floorplan")
        if not self._problems:
            placed = {name: _placed(options, directory) for name, options in given.items()}
            at = tuple(replace(source, options=_placed(source.options, directory)) for source in sources)
            settings = Settings(**placed, sources=at, file=self._written.file)
            self._judge(settings)
        if self._problems:
            raise SettingsRefused(self._problems)
        return settings

    def _fill(self, options: type, table: object, key: Key) -> Any:
        if not isinstance(table, dict):
            self._tell(key, "it has to be a table", f"write [{dotted(key)}] and its keys below")
            return None
        known = {field.name: field for field in fields(options)}
        unknown = [name for name in table if name not in known]
        for name in unknown:
            hint = did_you_mean(name, known, f"write one of {', '.join(known)}")
            self._tell((*key, name), "there is no such key", hint)
        try:
            return TypeAdapter(options).validate_python({name: table[name] for name in table if name in known})
        except ValidationError as error:
            for each in error.errors(include_url=False):
                self._refuse_value(key, each["loc"], each, known)
            return None

    def _refuse_value(self, table: Key, loc: Key, error: Any, known: Mapping[str, Field[Any]]) -> None:
        if not loc:
            self._tell(table, str(error["msg"]).removeprefix("Value error, "), "correct the table")
        elif error["type"] == "missing":
            self._tell((*table, *loc), "it is missing", f"write {loc[-1]} = … under [{dotted(table)}]")
        else:
            name = str(loc[0])
            secret = any(word in name for word in SECRET_WORDS)
            value = "the value" if secret else repr(error["input"])
            expects = getattr(known[name].type, "__name__", str(known[name].type))
            self._tell((*table, name), f"{value} will not do: {_lower(error['msg'])}", f"the key takes {expects}")

    def _sources(self, written: object) -> list[SourceSettings]:
        if not isinstance(written, list):
            self._tell(("sources",), "it has to be an array of tables", "write [[sources]] with double brackets")
            return []
        filled = [self._source(table, ("sources", number)) for number, table in enumerate(written)]
        return [source for source in filled if source is not None]

    def _source(self, table: object, key: Key) -> SourceSettings | None:
        if not isinstance(table, dict) or "kind" not in table:
            self._tell((*key, "kind"), "it is missing", f"write kind = one of {_quoted(SOURCES)}")
            return None
        kind = table["kind"]
        if kind not in SOURCES:
            self._tell((*key, "kind"), f"{kind!r} is no kind of source in this version", f"it has {_quoted(SOURCES)}")
            return None
        options = self._fill(SOURCES[kind].options, {name: table[name] for name in table if name != "kind"}, key)
        return None if options is None else SourceSettings(kind, options)

    def _judge(self, settings: Settings) -> None:
        """What options say of themselves once they are filled."""
        self._judge_store(settings.store)
        for each in mqtt.problems(settings.mqtt) if settings.mqtt else ():
            self._tell(tuple(each.key.split(".")), each.problem, each.hint)
        for name, problem, hint in bounds.problems(settings.outbox):
            self._tell(("outbox", name), problem, hint)
        for name, problem, hint in retention.problems(settings.ledger):
            self._tell(("ledger", name), problem, hint)
        if settings.http is not None:
            for name, problem, hint in web.problems(settings.http):
                self._tell(("http", name), problem, hint)
        for number, source in enumerate(settings.sources):
            for name, problem, hint in SOURCES[source.kind].problems(source.options):
                self._tell(("sources", number, name), problem, hint)
            if isinstance(source.options, SatelliteOptions) and source.options.broker(settings.mqtt) is None:
                hint = "write url, or [mqtt] with the broker that they share with head office"
                self._tell(("sources", number, "url"), "satellites need a broker and none is named", hint)
        timekeepers = [number for number, source in enumerate(settings.sources) if SOURCES[source.kind].keeps_time]
        for number in timekeepers[1:]:
            self._tell(("sources", number, "kind"), "a second source would give the time", "play one capture at a time")

    def _judge_store(self, store: StoreOptions) -> None:
        for name in ("tenant", "id", "gateway"):
            value = getattr(store, name)
            if not NAME.fullmatch(value):
                hint = "write 1 to 64 characters without spaces and none of / + # ?"
                self._tell(("store", name), f"{value!r} is no name", hint)

    def _tell(self, key: Iterable[str | int], problem: str, hint: str) -> None:
        file, place = self._written.place(*key)
        self._problems.append(Problem(file, place, problem, hint))


def _placed(options: Any, directory: Path) -> Any:
    """`options` with every relative path taken from `directory`."""
    paths = {field.name: getattr(options, field.name) for field in fields(options)}
    return replace(options, **{name: directory / path for name, path in paths.items() if isinstance(path, Path)})


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
