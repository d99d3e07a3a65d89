"""What is set aside is out of the collector's way, and collecting goes on."""

import gc

import pytest

from gateway.runtime.garbage import set_aside


def test_what_was_made_is_no_longer_looked_through() -> None:
    try:
        with set_aside():
            assert not gc.isenabled()
            made = [[number] for number in range(1_000)]
        assert gc.isenabled()
        assert gc.get_freeze_count() > len(made)
    finally:
        gc.unfreeze()


def test_collecting_goes_on_after_a_failure() -> None:
    with pytest.raises(ValueError, match="wrong"), set_aside():
        raise ValueError("wrong")
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
