"""What holds for every test: what the environment tells it is for it alone, and chance is the same each time."""

import os
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

BYTES_SHOWN: Final = 8
"""A test is named by its bytes up to so many."""

# A slow machine is no defect: nothing is judged by how long it took. New examples are for the run that may take long.
settings.register_profile("new", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("new"), derandomize=True, database=None)
settings.load_profile("new" if os.environ.get("PROXIMITY_TEST_COUNTS") == "full" else "same")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Every module has read by now what it wants to know, and a gateway refuses `PROXIMITY_…` that it does not know."""
    for name in [name for name in os.environ if name.startswith("PROXIMITY_TEST_")]:
        del os.environ[name]


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name long bytes by their place: what is drawn differs by process, and workers must name their tests alike."""
    return argname if isinstance(val, bytes) and len(val) > BYTES_SHOWN else None
