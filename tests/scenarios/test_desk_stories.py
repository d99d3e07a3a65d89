"""The golden stories of the desk: captures with feeds and asks, what is told of them, and docs/moments.md beside it."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from gateway.cli import COMMANDS, app_of
from tests.architecture.tree import ROOT

STORIES: Final = ROOT / "tests" / "stories" / "desk"
NAMES: Final = sorted(path.stem for path in STORIES.glob("*.timeline"))
TITLES: Final = json.loads((STORIES / "campaigns.json").read_text())["content"]
DOCUMENTS: Final = {
    "floorplan": STORIES / "floorplan.toml",
    "campaigns": STORIES / "campaigns.json",
    "members": STORIES / "members.ndjson",
}
FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "code.scanned": ("zone", "marker", "order", "campaign"),
    "tag.tapped": ("zone", "marker"),
    "order.arrived": ("order", "zone"),
    "order.handed_over": ("order", "seller", "waited_s"),
    "order.not_fetched": ("order", "reason", "waited_s"),
    "help.requested": ("cause", "zone", "product", "size"),
    "help.claimed": ("seller", "product", "size"),
    "help.closed": ("outcome", "product", "size"),
    "slip.taken": ("till", "coupons", "lines"),
    "redemption.reserved": ("campaign", "value"),
    "redemption.committed": ("campaign", "value"),
    "redemption.refused": ("campaign", "reason"),
    "ticket.recorded": ("total", "offers", "campaigns_seen", "held_out"),
    "return.received": ("product", "quantity"),
    "return.checked": ("product", "sound"),
    "return.restocked": ("product", "quantity"),
    "price.mismatch": ("ours", "theirs", "seen_at"),
    "queue.long": ("zone", "members"),
}
"""What a timeline shows of an event. Of times only how long an order's customer waited: how fast a zone is told is
another matter."""


def played(name: str) -> list[dict[str, Any]]:
    options = [text for option, path in DOCUMENTS.items() for text in (f"--{option}", str(path))]
    done = CliRunner().invoke(app_of(COMMANDS), ["replay", str(STORIES / f"{name}.ndjson"), *options])
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def timeline(event: dict[str, Any]) -> str | None:
    """One event as a person reads it; None for what every story has."""
    kind, facts = event["type"].removeprefix("proximity.").removesuffix(".v1"), event["data"]
    who = event.get("subject", "")[2:]
    if kind == "offer.made":
        words = TITLES[facts["content"]][facts["language"]]["title"]
        return f"{who:5} {facts['moment']:20} {facts['campaign']:8} “{words}” on {facts['channel']}"
    if kind == "offer.withheld":
        return f"{who:5} {facts['moment']:20} {facts['campaign']:8} no: {facts['reason']}"
    if kind not in FACTS:
        return None
    said = ", ".join(shown(key, facts[key]) for key in FACTS[kind] if facts[key] not in (None, []))
    return f"{who:5} {kind:20} {said}"


def shown(key: str, value: Any) -> str:
    """One fact of an event as a person reads it."""
    if key == "waited_s":
        return f"after {value:.0f} s"
    if key == "lines":
        return " + ".join(f"{line['quantity']} × {line['gtin']}" for line in value)
    if isinstance(value, bool):
        return ("" if value else "not ") + key.replace("_", " ")
    return " ".join(value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("name", NAMES)
def test_a_story_goes_as_it_is_told(name: str) -> None:
    told = [line for line in map(timeline, played(name)) if line is not None]
    expected = (STORIES / f"{name}.timeline").read_text()
    assert told == expected.splitlines()
    assert f"```text\n{expected}```" in (ROOT / "docs" / "moments.md").read_text()


def test_every_capture_has_its_timeline() -> None:
    assert {path.stem for path in STORIES.glob("*.ndjson")} - {"members"} == set(NAMES)


def test_a_story_is_the_same_every_time() -> None:
    assert played("order-fetched") == played("order-fetched")
