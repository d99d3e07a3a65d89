"""Settings that can be run with, and hardly were meant: `check` warns of them."""

import asyncio
from pathlib import Path

from gateway.settings import Checked, check_settings, load_settings
from tests.integration.test_settings import FLOOR_PLAN, write


def checked(shop: Path, plan: str) -> Checked:
    (shop / "floorplan.toml").write_text(plan)
    return asyncio.run(check_settings(load_settings(write(shop), {}), {}))


def test_a_plan_of_another_store_is_a_warning(tmp_path: Path) -> None:
    plan = FLOOR_PLAN.replace("0042", "0043")
    result = checked(tmp_path, plan)
    assert result.problems == ()
    assert [warning.problem for warning in result.warnings] == [
        "the floor plan is of the store acme/0043, the settings of acme/0042"
    ]


def test_what_hardly_was_meant_of_a_plan_is_a_warning(tmp_path: Path) -> None:
    drawn = "polygon = [[0, 0], [4, 0], [4, 4], [0, 4]]\n"
    other = '[[zones]]\nid = "coats"\nkind = "ailse"\n'
    plan = f"{FLOOR_PLAN}{drawn}{other}{drawn}"
    result = checked(tmp_path, plan)
    assert result.problems == ()
    assert [(warning.problem, warning.hint.split(",")[0]) for warning in result.warnings] == [
        ("floorplan.toml (zones[1].kind): the kind 'ailse' of 'coats' means nothing here", "did you mean aisle?"),
        ("floorplan.toml (zones[0].polygon): 'shoes' and 'coats' share about 16.0 m²", "let zones touch"),
    ]


def test_a_receiver_that_the_plan_lacks_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "floorplan.toml").write_text(FLOOR_PLAN + '[[receivers]]\nid = "gw-1"\n')
    sources = """
[mqtt]
url = "mqtt://127.0.0.1:1883"
[[sources]]
kind = "satellites"
receivers = ["gw-1", "gw1"]
[[sources]]
kind = "camera"
receiver = "window"
camera = "/dev/video0"
"""
    result = asyncio.run(check_settings(load_settings(write(tmp_path, sources), {}), {}))
    assert [(warning.key, warning.hint) for warning in result.warnings] == [
        ("sources[0].receivers", "did you mean gw-1?"),
        ("sources[1].receiver", "add it there, as [[receivers]]"),
    ]


def test_a_kind_of_zone_that_nothing_is_of_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "floorplan.toml").write_text(FLOOR_PLAN)
    path = write(tmp_path, "[presence]\nvisit_gap_by_kind_s = { fiting = 900, pickup = 600, aisle = 60 }\n")
    (warning,) = asyncio.run(check_settings(load_settings(path, {}), {})).warnings
    assert (warning.key, warning.problem) == ("presence.visit_gap_by_kind_s", "no zone is of the kind 'fiting'")
    assert warning.hint == "did you mean fitting?"
