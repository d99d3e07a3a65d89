"""Reading ESPHome files: packages merged, substitutions filled in, as far as it takes to see what a device is told."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

MOST_INCLUDES: Final = 20
"""Files that include each other in a circle end here."""
_SUBSTITUTION: Final = re.compile(r"\$(?:\{\s*(\w+)\s*\}|(\w+))")


class FirmwareUnreadable(Exception):
    """A file of the folder cannot be read, or is not YAML as ESPHome takes it."""

    def __init__(self, path: Path, problem: str, hint: str) -> None:
        super().__init__(f"{path}: {problem}; {hint}")
        self.path = path
        self.problem = problem
        self.hint = hint


def effective(path: Path) -> dict[str, Any]:
    """The configuration of the device whose file is at `path`, packages below it and substitutions filled in.

    Secrets, lambdas and packages from elsewhere stay as they are written: no identity comes from them.

    Raises:
        FirmwareUnreadable: it, or a file that it includes, cannot be read.
    """
    merged = _with_packages(_load(path, MOST_INCLUDES))
    substitutions = {name: str(value) for name, value in _mapping(merged.get("substitutions")).items()}
    return {name: _filled(each, substitutions) for name, each in merged.items()}


def own_substitutions(path: Path) -> dict[str, str]:
    """What the file at `path` itself substitutes, its packages left aside.

    Raises:
        FirmwareUnreadable: it cannot be read.
    """
    written = _mapping(_load(path, MOST_INCLUDES).get("substitutions"))
    return {str(name): str(value) for name, value in written.items()}


def _load(path: Path, depth: int) -> dict[str, Any]:
    if depth == 0:
        raise FirmwareUnreadable(path, "its includes go round in a circle", "break the circle")
    try:
        with path.open(encoding="utf-8") as stream:
            content = yaml.load(stream, _loader_of(path.parent, depth))  # noqa: S506 - a SafeLoader with three tags more
    except (OSError, UnicodeError) as error:
        problem = f"it cannot be read ({getattr(error, 'strerror', None) or error})"
        raise FirmwareUnreadable(path, problem, "put it there, or correct the !include") from error
    except yaml.YAMLError as error:
        problem = f"it is not YAML: {' '.join(str(error).split())}"
        raise FirmwareUnreadable(path, problem, "correct it at that place") from error
    return _mapping(content)


def _loader_of(folder: Path, depth: int) -> type[yaml.SafeLoader]:
    class Loader(yaml.SafeLoader):
        """YAML with ESPHome's tags."""

    def include(loader: yaml.SafeLoader, node: yaml.Node) -> object:
        if isinstance(node, yaml.MappingNode):
            named = loader.construct_mapping(node, deep=True)
            return {**_load(folder / str(named.get("file")), depth - 1)}
        return _load(folder / str(node.value), depth - 1)

    def as_written(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
        return f"!{suffix} {node.value}" if isinstance(node, yaml.ScalarNode) else None

    Loader.add_constructor("!include", include)
    Loader.add_multi_constructor("!", as_written)
    return Loader


def _with_packages(content: Mapping[str, Any]) -> dict[str, Any]:
    """What ESPHome makes of `packages:` - each below the file that names it, which overrides it."""
    rest = {name: value for name, value in content.items() if name != "packages"}
    packages = content.get("packages")
    listed = packages if isinstance(packages, list) else list(_mapping(packages).values())
    merged: dict[str, Any] = {}
    for package in listed:
        if isinstance(package, Mapping):
            merged = _merged(merged, _with_packages(package))
    return _merged(merged, rest)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        both = isinstance(merged.get(name), Mapping) and isinstance(value, Mapping)
        merged[name] = _merged(merged[name], value) if both else value
    return merged


def _filled(value: Any, substitutions: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {name: _filled(each, substitutions) for name, each in value.items()}
        case list():
            return [_filled(each, substitutions) for each in value]
        case str():
            return _SUBSTITUTION.sub(lambda match: substitutions.get(match[1] or match[2], match[0]), value)
        case _:
            return value


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
