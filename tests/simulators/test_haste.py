"""The shop in haste: its settings are taken, and who leaves early has left early enough to be seen."""

from pathlib import Path

import pytest

from gateway.settings import load_settings
from simulators.box.crowd import Crowd
from simulators.box.store import Store, read_store
from simulators.box.walker import TICK_S
from simulators.haste import AWAY_S, HASTE, hurried
from simulators.stage import SHOPS

GONE_BY_S = 75.0
"""Then their visits are over within a demo of a minute and a half."""


@pytest.fixture
def store() -> Store:
    return hurried(read_store(SHOPS / "boutique.toml"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_some_leave_early_enough_to_be_told_of(store: Store, seed: int) -> None:
    crowd, left = Crowd(store, seed), set[str]()
    for _ in range(round(GONE_BY_S / TICK_S)):
        before = {name for name, walker in crowd.walkers.items() if walker.stance is not None}
        crowd.step()
        left |= {name for name in before if crowd.walkers[name].stance is None}
    assert {"dario", "farid"} <= left


def test_its_settings_end_a_visit_before_anybody_is_back(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        f'[store]\ntenant = "acme"\nid = "0042"\ngateway = "gw-1"\nfloorplan = "{SHOPS / "boutique_floorplan.toml"}"\n'
    )
    presence = load_settings(file, HASTE).presence
    assert presence.visit_gap_of_s(None) == presence.visit_gap_of_s("pickup") < AWAY_S[0]
