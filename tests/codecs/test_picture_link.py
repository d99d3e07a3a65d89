"""What the child of filmed pictures tells comes back as it was; what it does not tell is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.codecs.meanings import MAX_MARKER_CHARS
from gateway.codecs.picture_link import (
    Learned,
    Learning,
    Looked,
    MatchOrder,
    NotMatching,
    Told,
    decode_order,
    decode_told,
    encode_order,
    encode_told,
)
from gateway.codecs.told import NotTold

TOLD = some.one_of(
    some.just(Learning()),
    some.builds(Learned, some.integers(1, 200)),
    some.builds(
        Looked, some.none() | some.text(min_size=1, max_size=64), some.floats(0, 1000), some.none() | some.text()
    ),
    some.builds(NotMatching, some.text()),
)


@given(TOLD)
def test_what_is_told_comes_back(told: Told) -> None:
    assert decode_told(encode_told(told)) == told


@given(some.builds(MatchOrder, some.text(), some.floats(0.05, 1)))
def test_an_order_comes_back(order: MatchOrder) -> None:
    assert decode_order(encode_order(order)) == order


@pytest.mark.parametrize(
    "fields",
    [
        {"told": "looked", "marker": "A7"},
        {"told": "looked", "marker": "", "cpu_ms": 1.0},
        {"told": "looked", "marker": "A" * (MAX_MARKER_CHARS + 1), "cpu_ms": 1.0},
        {"told": "looked", "marker": 7, "cpu_ms": 1.0},
        {"told": "looked", "marker": "A7", "cpu_ms": float("nan")},
        {"told": "looked", "marker": None, "cpu_ms": 1.0, "problem": 1},
        {"told": "learned", "pictures": 0},
        {"told": "learned", "pictures": "200"},
        {"told": "not_matching"},
        {"told": "waved"},
        ["told"],
    ],
)
def test_what_is_out_of_bounds_is_refused(fields: object) -> None:
    with pytest.raises(NotTold):
        decode_told(json.dumps(fields).encode())


@given(some.binary())
def test_anything_else_is_refused(frame: bytes) -> None:
    with pytest.raises(NotTold):
        decode_told(frame)
