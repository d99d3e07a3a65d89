"""What the pure layers may import, by an allowlist: import-linter can only forbid what somebody thought of."""

import ast
import sys
from pathlib import Path

from tests.architecture.tree import ROOT, parse, plant, python_files

FOREIGN = {
    "model": frozenset(),
    "codecs": frozenset({"cryptography", "cbor2", "cel"}),
    "core": frozenset({"cryptography", "cel"}),
}
CLOCK_OR_CHANCE = frozenset(
    {"now", "today", "utcnow", "uuid1", "uuid4", "urandom", "token_bytes", "open", "print", "input"}
)


def impure(root: Path) -> list[str]:
    """Foreign imports outside the allowlist, and calls that read a clock, chance or a file, as `file:line name`."""
    found = []
    for layer, allowed in FOREIGN.items():
        for path in python_files(root, (f"gateway/{layer}",)):
            place = path.relative_to(root)
            for node in ast.walk(parse(path)):
                found += [
                    f"{place}:{node.lineno} {name}"  # type: ignore[attr-defined]
                    for name in imported(node)
                    if name not in allowed and name not in sys.stdlib_module_names and name != "gateway"
                ]
                if isinstance(node, ast.Call) and called(node) in CLOCK_OR_CHANCE:
                    found.append(f"{place}:{node.lineno} {called(node)}()")
    return found


def imported(node: ast.AST) -> list[str]:
    """Top-level packages that an import statement names."""
    match node:
        case ast.Import(names=names):
            return [name.name.partition(".")[0] for name in names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module.partition(".")[0]]
        case _:
            return []


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def test_the_pure_layers_are_pure() -> None:
    assert impure(ROOT) == []


def test_impurity_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "gateway/model/a.py", "import cryptography\n")
    plant(tmp_path, "gateway/core/b.py", "import numpy.linalg\nimport cel\nx = datetime.now()\n")
    plant(tmp_path, "gateway/storage/c.py", "import aiosqlite\n")
    assert impure(tmp_path) == [
        "gateway/model/a.py:1 cryptography",
        "gateway/core/b.py:1 numpy",
        "gateway/core/b.py:3 now()",
    ]
