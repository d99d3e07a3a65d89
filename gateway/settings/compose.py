"""Tables to `Settings`: unknown keys refused by name, every problem told at once."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from gateway.mqtt import options as mqtt
from gateway.sensing.registry import SOURCES
from gateway.sensing.satellites.options import SatelliteOptions
from gateway.sensing.source import SourceSettings
from gateway.settings import roles
from gateway.settings.filling import JUDGES, fill_options
from gateway.settings.problem import Problem, SettingsRefused, did_you_mean
from gateway.settings.reading import Key, Written, read_settings
from gateway.settings.surface import NAME, TABLES, Settings
from gateway.web import options as web


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
        given = {
            name: fill_options(options, tables[name], (name,), self._tell)
            for name, options in TABLES.items()
            if name in tables
        }
        sources = self._sources(tables.get("sources", []))
        if "store" not in tables:
            self._tell(("store",), "the table is missing", "write [store] with tenant, id, gateway and floorplan")
        elif roles.lacks_plan(tables["store"]):
            self._tell(("store", "floorplan"), "it is missing", "write floorplan = … under [store]")
        if not self._problems:
            placed = {name: _placed(options, directory) for name, options in given.items()}
            at = tuple(replace(source, options=_placed(source.options, directory)) for source in sources)
            written = {name: tuple(tables[name]) for name in given}
            settings = Settings(**placed, sources=at, file=self._written.file, written=written)
            self._judge(settings)
        if self._problems:
            raise SettingsRefused(self._problems)
        return settings

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
        of_kind = {name: table[name] for name in table if name != "kind"}
        options = fill_options(SOURCES[kind].options, of_kind, key, self._tell)
        return None if options is None else SourceSettings(kind, options)

    def _judge(self, settings: Settings) -> None:
        """What options say of themselves once they are filled."""
        self._judge_store(settings)
        for each in mqtt.problems(settings.mqtt) if settings.mqtt else ():
            self._tell(tuple(each.key.split(".")), each.problem, each.hint)
        for table, problems in JUDGES.items():
            for name, problem, hint in problems(getattr(settings, table)):
                self._tell((table, name), problem, hint)
        if settings.http is not None:
            for name, problem, hint in web.problems(settings.http):
                self._tell(("http", name), problem, hint)
        self._judge_sources(settings)

    def _judge_sources(self, settings: Settings) -> None:
        for number, source in enumerate(settings.sources):
            for name, problem, hint in SOURCES[source.kind].problems(source.options):
                self._tell(("sources", number, name), problem, hint)
            if getattr(source.options, "guests", False) and not settings.privacy.counts_guests:
                hint = "write privacy.guests_basis, the legal basis for it, or leave guests out"
                self._tell(("sources", number, "guests"), "strangers would be counted without a legal basis", hint)
            if isinstance(source.options, SatelliteOptions) and source.options.broker(settings.mqtt) is None:
                hint = "write url, or [mqtt] with the broker that they share with head office"
                self._tell(("sources", number, "url"), "satellites need a broker and none is named", hint)
        filming = [number for number, source in enumerate(settings.sources) if SOURCES[source.kind].asks_pages]
        for number in filming:
            if settings.http is None and settings.store.role == "engine":
                hint = "write [http] with listen, or leave this source out"
                self._tell(("sources", number, "kind"), "no page is served that could film anything", hint)
        for number in filming[1:]:
            self._tell(
                ("sources", number, "kind"), "pages are answered by one source", "put all pictures in one folder"
            )
        timekeepers = [number for number, source in enumerate(settings.sources) if SOURCES[source.kind].keeps_time]
        for number in timekeepers[1:]:
            self._tell(("sources", number, "kind"), "a second source would give the time", "play one capture at a time")

    def _judge_store(self, settings: Settings) -> None:
        for name in ("tenant", "id", "gateway"):
            value = getattr(settings.store, name)
            if not NAME.fullmatch(value):
                hint = "write 1 to 64 characters without spaces and none of / + # ?"
                self._tell(("store", name), f"{value!r} is no name", hint)
        for key, problem, hint in roles.problems(settings):
            self._tell(key, problem, hint)

    def _tell(self, key: Iterable[str | int], problem: str, hint: str) -> None:
        file, place = self._written.place(*key)
        self._problems.append(Problem(file, place, problem, hint))


def _placed(options: Any, directory: Path) -> Any:
    """`options` with every relative path taken from `directory`."""
    paths = {field.name: getattr(options, field.name) for field in fields(options)}
    return replace(options, **{name: directory / path for name, path in paths.items() if isinstance(path, Path)})


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)
