"""What is told of satellites names them, but repeats nothing that is no name."""

import pytest

from gateway.sensing.satellites.receivers import Receivers
from gateway.sensing.satellites.telling import refusing, standing

NO_NAMES = ("+33 6 12 34 56 78", "C0:00:00:00:00:01", "gw-2\nforged")


def left_with(gateway: str) -> str:
    receivers = Receivers(["rx-back"], {}, 5.0, 0.0)
    receivers.leave(["rx-back"], gateway)
    ((_, satellite),) = receivers
    return standing("rx-back", satellite).hint


def test_a_receiver_that_is_gone_with_its_satellite_says_with_which() -> None:
    assert left_with("gw-2").startswith("the broker says that gw-2, by which rx-back is heard, is gone")
    assert refusing("p", 3, "unknown_receiver", "cam-9").hint.startswith("of 3 scanned or tapped")
    assert "is of cam-9, which" in refusing("p", 3, "unknown_receiver", "cam-9").hint


@pytest.mark.parametrize("written", NO_NAMES)
def test_what_is_no_name_is_not_repeated(written: str) -> None:
    for hint in (left_with(written), refusing("p", 1, "unknown_receiver", written).hint):
        assert written not in hint
        assert "whose name cannot be shown" in hint
