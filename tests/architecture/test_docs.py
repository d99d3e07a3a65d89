"""The documents name what the code has, and nothing else."""

import ast
import dataclasses
import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from gateway.cli import COMMANDS
from gateway.codecs.personal_coupon import CouponReason
from gateway.core.events import EVENT_TYPES
from gateway.model.store import StoreRef
from gateway.sensing.registry import SOURCES
from gateway.settings.surface import TABLES
from gateway.uplink.commands.registry import DEEDS
from gateway.uplink.topics import Topics
from gateway.web.problems import PROBLEMS
from tests.architecture.markdown import first_cells, headings, rows, section
from tests.architecture.tree import ROOT, parse, plant, python_files
from tests.web.shop import open_shop

DOCS = ROOT / "docs"


def differences(documented: set[str], existing: set[str]) -> dict[str, list[str]]:
    """What a document forgot, and what it promises in vain."""
    return {"not documented": sorted(existing - documented), "not there": sorted(documented - existing)}


AGREED: dict[str, list[str]] = {"not documented": [], "not there": []}


def constants(root: Path, call: str, place: int) -> set[str]:
    """The text constants that calls of `call` pass as their argument number `place`."""
    return {
        argument.value
        for path in python_files(root, ("gateway",))
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == call
        for argument in node.args[place : place + 1]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def setting_rows() -> dict[str, str]:
    """Every key that the settings take, with its default as TOML writes it."""
    kinds = [(f"sources.{kind}", source.options) for kind, source in SOURCES.items()]
    return {
        f"{table}.{field.name}": default_of(field)
        for table, options in [*TABLES.items(), *kinds]
        for field in dataclasses.fields(options)
    }


def default_of(field: dataclasses.Field[object]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        return toml(field.default_factory())
    return "required" if field.default is dataclasses.MISSING else toml(field.default)


def toml(value: object) -> str:
    """A default as an operator would write it; None is a key left out."""
    match value:
        case None:
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case int() | float():
            return f"`{value}`"
        case tuple() | list():
            return f"`[{', '.join(toml(each).strip('`') for each in value)}]`"
        case dict():
            pairs = ", ".join(f"{key} = {toml(each).strip('`')}" for key, each in value.items())
            return f"`{{ {pairs} }}`" if pairs else "none"
        case _:
            return f'`"{value}"`'


def test_every_command_has_its_heading() -> None:
    existing = set(COMMANDS)
    assert differences(headings(section(DOCS / "wire.md", "Commands")), existing) == AGREED


def test_every_event_type_has_its_row_and_class() -> None:
    told = {cells[0].strip("`"): cells[1] for cells in rows(section(DOCS / "wire.md", "Events"))}
    assert differences(set(told), set(EVENT_TYPES)) == AGREED
    assert told | {"event.dropped": "telemetry"} == dict(EVENT_TYPES)


def test_every_reason_to_withhold_has_its_row() -> None:
    documented = first_cells(section(DOCS / "wire.md", "Why an offer is withheld"))
    assert differences(documented, constants(ROOT, "Refusal", 0)) == AGREED


def test_every_reason_to_refuse_a_document_has_its_row() -> None:
    documented = first_cells(section(DOCS / "wire.md", "Why a document is refused"))
    existing = constants(ROOT, "DocumentRefused", 0) | constants(ROOT, "_refused", 0) | {"not_kept", "unreachable"}
    assert differences(documented, existing) == AGREED


def test_every_reason_to_refuse_a_command_has_its_row() -> None:
    documented = first_cells(section(DOCS / "wire.md", "Why a command is refused"))
    assert differences(documented, constants(ROOT, "CommandRefused", 0) | constants(ROOT, "NotTaken", 0)) == AGREED


def test_every_reason_to_refuse_a_batch_has_its_row() -> None:
    documented = first_cells(section(DOCS / "wire.md", "Why a batch is refused"))
    edge = {"too_large", "malformed", "unknown_key", "bad_signature", "invalid", "not_kept", "busy"}
    assert differences(documented, constants(ROOT, "BatchRefused", 0) | edge) == AGREED


def test_every_reason_to_refuse_a_till_has_its_row() -> None:
    documented = first_cells(section(DOCS / "wire.md", "Why a redemption is refused"))
    existing = constants(ROOT, "NotRedeemed", 0) - {"unknown", "key_reused"} | {"committed", "cancelled", "expired"}
    existing |= set(get_args(CouponReason))
    assert differences(documented, existing) == AGREED


def test_every_reason_of_the_desk_has_its_row() -> None:
    documented = first_cells(section(DOCS / "wire.md", "Why the desk does not serve"))
    existing = constants(ROOT, "NotServed", 0) - {"unknown", "not_recognised", "number_reused"}
    assert differences(documented, existing) == AGREED


def test_every_command_of_head_office_has_its_row() -> None:
    documented = [cells[0].strip("`") for cells in rows(section(DOCS / "wire.md", "Commands of head office"))]
    assert documented[: len(DEEDS)] == list(DEEDS)


async def test_every_route_has_its_row(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        paths = shop.site.app.openapi()["paths"]
    existing = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert differences(first_cells(section(DOCS / "wire.md", "HTTP")), existing) == AGREED


def test_every_problem_has_its_row_with_its_status() -> None:
    documented = {cells[0].strip("`"): int(cells[1]) for cells in rows(section(DOCS / "wire.md", "Problem codes"))}
    assert documented == dict(PROBLEMS)


async def test_every_metric_has_its_row(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client(address="127.0.0.1") as client:
        text = (await client.get("http://localhost/metrics")).text
    existing = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE") and "_created" not in line}
    assert differences(first_cells(section(DOCS / "operations.md", "Metrics")), existing) == AGREED


def test_every_condition_is_explained() -> None:
    documented = first_cells(section(DOCS / "operations.md", "Health conditions"))
    assert (constants(ROOT, "Condition", 1) | constants(ROOT, "RadioTrouble", 0)) - documented == set()


def test_every_fault_of_what_hears_is_tried_in_the_test_that_it_names() -> None:
    named = {cells[-1].strip("`") for cells in rows(section(DOCS / "operations.md", "Faults of what hears"))}
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert {name for name in named if f"def {name}(" not in tests} == set()


def test_every_setting_has_its_row_with_its_default() -> None:
    documented = {cells[0].strip("`"): cells[2] for cells in rows((DOCS / "settings.md").read_text())}
    assert differences(set(documented), set(setting_rows())) == AGREED
    assert documented == setting_rows()


def test_every_topic_has_its_row() -> None:
    topics = Topics(StoreRef("acme", "0042", "gw-1"))
    existing = {topics.state, *topics.subscriptions, topics.events("+"), topics.document_status("+")}
    existing.add(topics.feed_status("+"))
    existing.add(topics.command_result("+", "+"))
    documented = {re.sub(r"\{\w+\}", "+", topic) for topic in first_cells(section(DOCS / "wire.md", "Topics"))}
    assert differences(documented, {topic.removeprefix(topics.root) for topic in existing}) == AGREED


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        *project["project"]["dependencies"],
        *(each for group in project["dependency-groups"].values() for each in group),
    ]
    existing = {re.split(r"[<>=\[;]", each)[0] for each in wanted if isinstance(each, str)}
    page = (DOCS / "decisions" / "0006-dependencies.md").read_text()
    documented = {name.strip() for cells in rows(page) for name in cells[0].split(",")}
    assert differences(documented, existing) == AGREED


def test_what_is_planted_is_found(tmp_path: Path) -> None:
    plant(
        tmp_path, "gateway/core/offers/a.py", "Refusal('moon', 'The moon is full.')\nCondition(part, 'late', 'error')\n"
    )
    page = plant(
        tmp_path, "docs/wire.md", "# Why\n| a | b |\n|---|---|\n| `sun` | `x` |\n\n## `run`\n# Else\n| `y` |\n"
    )
    assert constants(tmp_path, "Refusal", 0) == {"moon"}
    assert constants(tmp_path, "Condition", 1) == {"late"}
    assert differences(first_cells(section(page, "Why")), {"moon"}) == {
        "not documented": ["moon"],
        "not there": ["sun"],
    }
    assert headings(section(page, "Why")) == {"run"}
    with pytest.raises(LookupError, match="no heading 'Where'"):
        section(page, "Where")


def test_defaults_are_written_as_toml() -> None:
    values = (None, True, 3.5, (60.0, 300.0), "info", Path("/var/lib"), {})
    assert [toml(value) for value in values] == [
        *("none", "`true`", "`3.5`", "`[60.0, 300.0]`", '`"info"`', '`"/var/lib"`', "none")
    ]
