"""No log line can carry a person: not an address, a handle, a token or a subject, at any level."""

import ast
from pathlib import Path

from tests.architecture.tree import ROOT, parse, plant, python_files

LEVELS = frozenset({"debug", "info", "warning", "error", "critical", "exception", "msg", "log", "bind", "new"})
LOGGERS = frozenset({"log", "_log", "logger", "_logger", "LOG"})
PERSONAL = frozenset(
    {
        "address",
        "day_key",
        "handle",
        "member",
        "password",
        "payload",
        "secret",
        "sighting",
        "subject",
        "token",
        "visitor",
    }
)


def personal_logs(root: Path) -> list[str]:
    """Logging calls with a personal key, or a personal name inside a value they log, as `file:line name`."""
    return [
        f"{path.relative_to(root)}:{call.lineno} {name}"
        for path in python_files(root, ("gateway",))
        for call in ast.walk(parse(path))
        if isinstance(call, ast.Call) and is_logging(call)
        for name in sorted(named(call) & PERSONAL)
    ]


def is_logging(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(attr=level, value=ast.Name(id=name) | ast.Attribute(attr=name)):
            return level in LEVELS and name in LOGGERS
        case _:
            return False


def named(call: ast.Call) -> set[str]:
    """Keys of the call, and names and attributes that its values are made of."""
    names = {keyword.arg for keyword in call.keywords if keyword.arg}
    for value in [*call.args, *(keyword.value for keyword in call.keywords)]:
        for node in ast.walk(value):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    names.add(name)
    return names


def test_no_log_line_carries_a_person() -> None:
    assert personal_logs(ROOT) == []


def test_personal_keys_and_values_are_found(tmp_path: Path) -> None:
    lines = (
        "_log.warning('lost', part='mqtt', reason=str(error))",
        "_log.info('seen', address=a)",
        "self._log.debug('seen', who=f'{sighting.address}')",
        "log.bind(subject=visit.id)",
        "math.log(subject)",
    )
    plant(tmp_path, "gateway/runtime/planted.py", "\n".join(lines))
    assert personal_logs(tmp_path) == [
        "gateway/runtime/planted.py:2 address",
        "gateway/runtime/planted.py:3 address",
        "gateway/runtime/planted.py:3 sighting",
        "gateway/runtime/planted.py:4 subject",
    ]
