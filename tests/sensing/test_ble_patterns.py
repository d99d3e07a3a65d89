"""The patterns of the passive scan find every frame that identifies anybody, structure by structure."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.adverts import Frame, encode_payload, tokens_in, tokens_in_structure
from gateway.codecs.adverts.ad_structures import walk
from gateway.sensing.ble.patterns import OR_PATTERNS
from simulators.bluez.monitor import patterns_of
from tests.codecs.frames import FRAMES

PATTERNS = patterns_of(OR_PATTERNS)
MOST_PATTERNS = 16
"""HCI_MAX_ADV_MONITOR_NUM_PATTERNS of the kernel."""


def test_bluez_takes_the_patterns() -> None:
    assert 0 < len(PATTERNS) == len(OR_PATTERNS) <= MOST_PATTERNS


@given(st.one_of(*FRAMES.values()))
def test_a_frame_that_identifies_somebody_is_asked_for(frame: Frame) -> None:
    payload = encode_payload(frame)
    structures, _ = walk(payload, range(256))
    if tokens_in(payload):
        assert any(pattern.matches(structures) for pattern in PATTERNS)


@given(st.one_of(*FRAMES.values()))
def test_structures_one_by_one_identify_whom_the_payload_does(frame: Frame) -> None:
    payload = encode_payload(frame)
    structures, _ = walk(payload, range(256))
    one_by_one = [token for structure in structures for token in tokens_in_structure(*structure)]
    assert one_by_one == list(tokens_in(payload))
