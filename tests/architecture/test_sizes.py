"""A file is one noun or verb that fits in a head, a function fits on a screen."""

import ast
from pathlib import Path

from tests.architecture.tree import CODE, ROOT, parse, plant, python_files

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40


def too_long(root: Path) -> list[str]:
    """What is longer than it may be: `file: lines` or `file:line name: lines`."""
    found = []
    for path in [*python_files(root), *shell_files(root)]:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_FILE_LINES:
            found.append(f"{path.relative_to(root)}: {lines} lines")
    for path in python_files(root):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    found.append(f"{path.relative_to(root)}:{node.lineno} {node.name}: {lines} lines")
    return found


def shell_files(root: Path) -> list[Path]:
    return [path for folder in CODE for path in sorted((root / folder).rglob("*.sh"))]


def test_files_and_functions_are_short() -> None:
    assert too_long(ROOT) == []


def test_a_long_file_and_a_long_function_are_found(tmp_path: Path) -> None:
    plant(tmp_path, "gateway/core/long.py", "x = 1\n" * (MAX_FILE_LINES + 1))
    plant(tmp_path, "simulators/deep.py", "class A:\n    async def f(self):\n" + "        x = 1\n" * MAX_FUNCTION_LINES)
    plant(tmp_path, "scripts/short.sh", "true\n" * MAX_FILE_LINES)
    assert too_long(tmp_path) == ["gateway/core/long.py: 401 lines", "simulators/deep.py:2 f: 41 lines"]
