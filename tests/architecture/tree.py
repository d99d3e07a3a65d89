"""The project's own files as the architecture tests see them; `plant` makes the small trees of their own tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

CODE = ("gateway", "simulators", "tests", "benchmarks", "scripts")
TEXT = (*CODE, "docs", "firmware-config", "systemd", "requirements", ".ci")
TEXT_SUFFIXES = frozenset(
    {".py", ".sh", ".md", ".toml", ".sql", ".lock", ".in", ".service", ".conf", ".rules", ".yaml", ".txt"}
    | {".html", ".js", ".css", ""}
)


def python_files(root: Path, folders: tuple[str, ...] = CODE) -> Iterator[Path]:
    """Every Python file under `folders` of `root`, in a fixed order."""
    for folder in folders:
        yield from sorted((root / folder).rglob("*.py"))


def text_files(root: Path) -> Iterator[Path]:
    """Every file that people read or write: code, scripts, documents, units, and those at the top of the tree."""
    yield from (path for path in sorted(root.iterdir()) if path.is_file() and path.name != ".git")
    for folder in TEXT:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix in TEXT_SUFFIXES and "corpora" not in path.parts:
                yield path


def parse(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def plant(root: Path, path: str, text: str) -> Path:
    """Write `text` at `path` under `root`, making its folders: what a violation's own test starts from."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target
