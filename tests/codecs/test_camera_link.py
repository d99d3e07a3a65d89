"""What a camera's child tells comes back as it was; what it does not tell is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.codecs.camera_link import (
    MAX_TEXT_CHARS,
    SYMBOLOGIES,
    CodeSeen,
    NotWatching,
    Watching,
    WatchOrder,
    decode_order,
    decode_told,
    encode_order,
    encode_told,
)
from gateway.codecs.told import NotTold

TEXTS = some.text(min_size=1, max_size=200)
PLACES = some.floats(0, 1)
TOLD = some.one_of(
    some.builds(CodeSeen, some.sampled_from(sorted(SYMBOLOGIES)), TEXTS, PLACES, PLACES),
    some.builds(Watching, some.integers(0, 60), some.floats(0, 1000)),
    some.builds(NotWatching, some.sampled_from(["no_camera", "no_frames", "bad_pictures", "over"]), some.text()),
)


@given(TOLD)
def test_what_is_told_comes_back(told: CodeSeen | Watching | NotWatching) -> None:
    assert decode_told(encode_told(told)) == told


@given(some.builds(WatchOrder, TEXTS, some.floats(0.1, 60), some.floats(0.01, 1), some.none() | TEXTS))
def test_an_order_comes_back(order: WatchOrder) -> None:
    assert decode_order(encode_order(order)) == order


JSON = some.recursive(
    some.none() | some.booleans() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)


@given(some.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_refused(frame: bytes) -> None:
    with pytest.raises(NotTold):
        decode_told(frame)


@pytest.mark.parametrize(
    "fields",
    [
        {"told": "code", "symbology": "qr_code", "text": "a", "x": 0.5},
        {"told": "code", "symbology": "qr_code", "text": "a", "x": "0.5", "y": 0.5},
        {"told": "code", "symbology": "qr_code", "text": "a", "x": float("nan"), "y": 0.5},
        {"told": "code", "symbology": "runes", "text": "a", "x": 0.5, "y": 0.5},
        {"told": "code", "symbology": ["qr_code"], "text": "a", "x": 0.5, "y": 0.5},
        {"told": "code", "symbology": "qr_code", "text": "", "x": 0.5, "y": 0.5},
        {"told": "code", "symbology": "qr_code", "text": "a" * (MAX_TEXT_CHARS + 1), "x": 0.5, "y": 0.5},
        {"told": "watching", "looks": 1, "cpu_ms": None},
        {"told": "not_watching", "code": "asleep", "problem": ""},
        {"told": "order"},
    ],
)
def test_a_frame_out_of_bounds_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(NotTold):
        decode_told(json.dumps(fields).encode())
