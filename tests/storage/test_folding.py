"""Of many changes to one record only the last counts, however they are split into commits."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.step import Change, Forget, Record, Save, Stream, key_of, kind_of
from gateway.storage.batch import Batch
from gateway.storage.database import open_store
from gateway.storage.folding import fold
from tests.storage.values import changes

SECRET = bytes(range(32))


def test_the_last_change_of_a_record_wins() -> None:
    folded = fold(
        [Save(Stream("visit", 2)), Save(Stream("offer", 2)), Forget("stream", ("visit",)), Save(Stream("offer", 3))]
    )
    assert folded == {("stream", ("visit",)): None, ("stream", ("offer",)): Stream("offer", 3)}


@settings(max_examples=40, deadline=None)
@given(changes, st.lists(st.integers(1, 8), min_size=1, max_size=10))
async def test_what_is_loaded_is_the_fold_of_what_was_committed(made: list[Change], splits: list[int]) -> None:
    with tempfile.TemporaryDirectory() as place:
        rest = list(made)
        async with open_store(Path(place), SECRET) as store:
            for size in splits:
                await store.commit(Batch(changes=tuple(rest[:size])))
                rest = rest[size:]
        async with open_store(Path(place), SECRET) as store:
            await store.commit(Batch(changes=tuple(rest)))
            loaded = (await store.load()).records
    assert by_key(loaded) == {key: record for key, record in fold(made).items() if record is not None}
    assert len(loaded) == len(by_key(loaded))


def by_key(records: list[Record]) -> dict[tuple[str, tuple[str, ...]], Record]:
    return {(kind_of(record), key_of(record)): record for record in records}
