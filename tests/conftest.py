"""What the environment tells the tests is for them alone: a gateway refuses `PROXIMITY_…` that it does not know."""

import os

import pytest


def pytest_collection_finish(session: pytest.Session) -> None:
    """Every module has read by now what it wants to know."""
    for name in [name for name in os.environ if name.startswith("PROXIMITY_TEST_")]:
        del os.environ[name]
