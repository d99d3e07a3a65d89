"""A capture's lines and their times, also when it is played again later."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.captures import CaptureHeader, ClockSet, DocumentFile, input_line
from gateway.model.inputs import DocumentReady
from gateway.sensing.capture_lines import CaptureLines


def _none(file: DocumentFile) -> DocumentReady:
    raise AssertionError(file)


@given(
    st.lists(st.floats(0, 1e5).map(lambda t_s: round(t_s, 3)), min_size=1, max_size=8).map(sorted),
    st.floats(0.001, 1e6),
)
def test_a_capture_played_again_keeps_its_pace_however_late(times, later_s):
    reading = CaptureLines(CaptureHeader(1_767_603_600.0), _none)
    for shift_s in (0.0, later_s, 2 * later_s + max(times)):
        for number, t_s in enumerate(times, start=2):
            text = input_line(t_s, ClockSet("synced", 1_767_603_600.0))
            _, now = reading.read(text, number, shift_s)
            assert now.mono_s == t_s + shift_s
            assert abs(now.utc_s - 1_767_603_600.0) < 1e-3
