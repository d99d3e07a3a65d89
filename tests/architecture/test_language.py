"""Names are the field's own terms, and no file knows the machine or the registry it was made with."""

import ast
import re
from pathlib import Path

from tests.architecture.tree import ROOT, TEXT_SUFFIXES, parse, plant, python_files, text_files

EMPTY_WORDS = ("base", "common", "data", "handler", "helper", "helpers", "info", "manager", "misc", "util", "utils")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")

MACHINE_PATH = re.compile(r"(?:^|[^A-Za-z0-9_.])/(?:work|tmp|root|farm|home/[a-z]+|Users/[A-Za-z]+)/")
REGISTRY = re.compile(
    "|".join(
        (
            r"pypi\.o" + "rg",
            "pythonhost" + "ed",
            r"registry\.npm" + "js",
            r"deb\.debian\.o" + "rg",
            "--(extra-)?index" + "-url",
        )
    )
)

UNSHARED = re.compile(r"(?:^|[^\w/])(?:\.\./shared|notes/[a-z]+\.md)")
"""A source that a reader of the repository cannot open is no source."""


def words(name: str) -> list[str]:
    """The words of an identifier in either style, lower case: `MqttSession` and `mqtt_session` have two."""
    return [word.lower() for word in WORD.findall(name)]


def empty_names(root: Path) -> list[str]:
    """Modules, packages and classes whose name says nothing about the field, as `path: name`."""
    found = []
    for path in python_files(root, ("gateway", "simulators", "benchmarks")):
        place = path.relative_to(root)
        names = [path.parent.name if path.stem == "__init__" else path.stem]
        names += [node.name for node in ast.walk(parse(path)) if isinstance(node, ast.ClassDef)]
        found += [f"{place}: {name}" for name in names if set(words(name)) & set(EMPTY_WORDS)]
    return found


def tied_to_a_machine(root: Path) -> list[str]:
    """Lines that name a path of some machine, a package registry or a file that nobody else has, as `path:line`."""
    return [
        f"{path.relative_to(root)}:{number}"
        for path in text_files(root)
        if path.suffix in TEXT_SUFFIXES and path.name != "LICENSE"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE_PATH.search(line) or REGISTRY.search(line) or UNSHARED.search(line)
    ]


def test_names_are_the_fields_terms() -> None:
    assert empty_names(ROOT) == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    assert tied_to_a_machine(ROOT) == []


def test_empty_names_are_found(tmp_path: Path) -> None:
    plant(tmp_path, "gateway/core/visit_utils.py", "class Visit: ...\n")
    plant(tmp_path, "gateway/helpers/__init__.py", "")
    plant(tmp_path, "gateway/mqtt/session.py", "class SessionManager: ...\nclass Database: ...\n")
    assert empty_names(tmp_path) == [
        "gateway/core/visit_utils.py: visit_utils",
        "gateway/helpers/__init__.py: helpers",
        "gateway/mqtt/session.py: SessionManager",
    ]


def test_machine_paths_and_registries_are_found(tmp_path: Path) -> None:
    plant(tmp_path, "docs/a.md", "see ./work/x\nrun /ho" + "me/ada/x\nan /etc/x\nsee `no" + "tes/a.md`\n")
    plant(tmp_path, "requirements/dev.lock", "--index" + "-url https://example.org\n")
    plant(tmp_path, "pyproject.toml", 'url = "https://pypi.o' + 'rg/simple"\n')
    assert tied_to_a_machine(tmp_path) == ["pyproject.toml:1", "docs/a.md:2", "docs/a.md:4", "requirements/dev.lock:1"]
