"""Settings as written: a TOML file, and the environment laid over it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.settings.problem import Problem, SettingsUnreadable

PREFIX: Final = "PROXIMITY_"
"""`PROXIMITY_MQTT__URL` is `url` of the table `[mqtt]`; `PROXIMITY_SOURCES` holds all sources as a TOML array."""
ENVIRONMENT: Final = "environment"

Key = tuple[str | int, ...]
"""The way to a value: names of tables and keys, and places in arrays."""


@dataclass(frozen=True, slots=True)
class Written:
    """What an operator wrote: the tables, the file they are in, and which keys the environment gave instead.

    `variables` holds the environment variable of each key that came from one.
    """

    tables: dict[str, Any]
    file: str
    variables: Mapping[Key, str]

    def place(self, *key: str | int) -> tuple[str, str]:
        """The file and key that a person has to look at for `key`."""
        for length in range(len(key), 0, -1):
            variable = self.variables.get(key[:length])
            if variable is not None:
                return ENVIRONMENT, variable
        table = self.tables.get(str(key[0])) if len(key) == 1 else None
        given = [variable for laid, variable in self.variables.items() if laid[0] == key[0]]
        if isinstance(table, dict) and given and len(given) == len(table):
            return ENVIRONMENT, given[0]
        return self.file, dotted(key)


def read_settings(path: Path, environ: Mapping[str, str]) -> Written:
    """The settings file at `path`, with what `environ` overrides.

    Raises:
        SettingsUnreadable: there is no such file, it cannot be read, or it is not TOML.
    """
    tables = _read_file(path)
    variables: dict[Key, str] = {}
    for variable in sorted(environ):
        if variable.startswith(PREFIX):
            key = _lay_over(tables, variable.removeprefix(PREFIX).lower().split("__"), _value(environ[variable]))
            variables[key] = variable
    return Written(tables, str(path), variables)


def dotted(key: Key) -> str:
    """`("sources", 0, "path")` as `sources[0].path`."""
    text = ""
    for step in key:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError as error:
        hint = "write it there, or name another with --settings"
        raise SettingsUnreadable(Problem(str(path), "", "there is no such file", hint)) from error
    except IsADirectoryError as error:
        hint = "name the file in it with --settings"
        raise SettingsUnreadable(Problem(str(path), "", "it is a folder", hint)) from error
    except OSError as error:
        problem = f"it cannot be read ({error.strerror})"
        hint = "run this with sudo or as the gateway's user, who has to be let in, or name another with --settings"
        raise SettingsUnreadable(Problem(str(path), "", problem, hint)) from error
    except ValueError as error:
        problem = f"it is not TOML: {error}"
        raise SettingsUnreadable(Problem(str(path), "", problem, "correct it at that place")) from error


def _value(text: str) -> Any:
    """An array or table as TOML writes it; anything else is text, taken for a number where one is asked for."""
    if text[:1] not in {"[", "{"}:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _lay_over(tables: dict[str, Any], names: list[str], value: object) -> Key:
    """Set the key that `names` lead to; gives it back. What is no table on the way is replaced by one."""
    place = tables
    for name in names[:-1]:
        if not isinstance(place.get(name), dict):
            place[name] = {}
        place = place[name]
    place[names[-1]] = value
    return tuple(names)
