"""Fakes, not mocks: a test that patches code under test proves nothing about it."""

import ast
from pathlib import Path

from tests.architecture.tree import ROOT, parse, plant, python_files

MOCK_MODULES = frozenset({"mock", "unittest.mock", "pytest_mock"})
PATCHES = frozenset({"setattr", "delattr"})


def mocks(root: Path) -> list[str]:
    """Every import of a mocking library, `mocker` argument, or `monkeypatch.setattr`, as `file:line`."""
    return [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in python_files(root)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Attribute | ast.arg) and is_mock(node)
    ]


def is_mock(node: ast.Import | ast.ImportFrom | ast.Attribute | ast.arg) -> bool:
    match node:
        case ast.Import(names=names):
            return any(name.name in MOCK_MODULES for name in names)
        case ast.ImportFrom(module=module, names=names):
            return module in MOCK_MODULES or (module == "unittest" and any(name.name == "mock" for name in names))
        case ast.Attribute(value=ast.Name(id="monkeypatch"), attr=attr):
            return attr in PATCHES
        case ast.arg(arg=name):
            return name == "mocker"
        case _:
            return False


def test_nothing_is_mocked() -> None:
    assert mocks(ROOT) == []


def test_each_way_to_mock_is_found(tmp_path: Path) -> None:
    lines = (
        "from unittest import mock",
        "from unittest.mock import MagicMock",
        "import unittest.mock as m",
        "def test_a(mocker): mocker.patch('x')",
        "def test_b(monkeypatch): monkeypatch.setattr('x', 1)",
        "def test_c(monkeypatch): monkeypatch.setenv('X', '1')",
    )
    plant(tmp_path, "tests/core/test_planted.py", "\n".join(lines))
    assert mocks(tmp_path) == [f"tests/core/test_planted.py:{line}" for line in (1, 2, 3, 4, 5)]
