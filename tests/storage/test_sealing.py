"""Nothing about a person can be read without the secret and the key of the day."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.decision import Exposure
from gateway.model.step import Save, Stream, key_of, kind_of
from gateway.model.time import At
from gateway.model.visit import Visit
from gateway.storage.batch import Batch
from gateway.storage.database import Store, open_store
from gateway.storage.ledger import open_ledger
from gateway.storage.outbox import open_outbox
from gateway.storage.refusals import Corrupted, SecretRefused
from gateway.storage.sealing import DAY_S, DayKeyGone, Sealer
from tests.storage.values import NOON_UTC_S, event, presence, withheld

SECRET = bytes(range(32))
MARKED = "m.markedhandle"


async def commit_about(store: Store, subject: str, utc_s: float = NOON_UTC_S, n: int = 1) -> None:
    at = At(1.0, utc_s)
    changes = (
        Save(presence(subject, zone="markedzone", utc_s=utc_s)),
        Save(Visit("v.markedvisit", subject, "member", at, at, told=frozenset({("welcome", "markedreason")}))),
        Save(Exposure(subject, "welcome", 1, "2026-01-05", 1, "v.markedvisit", 1, at)),
        Save(Stream("visit", n + 1)),
    )
    told = replace(event(n, subject=subject, utc_s=utc_s), incarnation=store.incarnation)
    await store.commit(Batch(changes, (told,), (withheld(subject, "welcome", utc_s, says="markedsays"),)))


async def test_no_file_holds_a_handle_or_a_visit_in_clear(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        await commit_about(store, MARKED)
        written = {place.name: place.read_bytes() for place in tmp_path.iterdir()}
        assert len(written["gateway.db-wal"]) > 4096
    written["gateway.db, closed"] = (tmp_path / "gateway.db").read_bytes()
    for name, content in written.items():
        assert b"marked" not in content, name
        assert b"q3lzt7" not in content, name
        assert SECRET not in content, name


async def test_a_day_is_unreadable_once_its_key_is_gone(tmp_path: Path) -> None:
    tomorrow_utc_s = NOON_UTC_S + DAY_S
    async with open_store(tmp_path, SECRET) as store:
        await commit_about(store, "m.today")
        await commit_about(store, "m.tomorrow", tomorrow_utc_s, n=2)
        await store.sweep(tomorrow_utc_s)
    with sqlite3.connect(tmp_path / "gateway.db") as connection:
        connection.execute("DELETE FROM day_keys WHERE day = ?", (int(NOON_UTC_S // DAY_S),))
    connection.close()
    async with open_store(tmp_path, SECRET) as store:
        left = [key_of(record) for record in (await store.load()).records if kind_of(record) == "presence"]
        assert left == [("m.tomorrow",)]
        async with open_ledger(tmp_path, SECRET) as ledger, open_outbox(tmp_path, SECRET) as outbox:
            assert await ledger.decisions("m.today") == []
            assert len(await ledger.decisions("m.tomorrow")) == 1
            gone, told = await outbox.after(store.incarnation, "visit", 0, 10)
            assert (gone.type, gone.sequence, gone.data["reason"]) == ("event.dropped", 1, "expired")
            assert (told.sequence, told.subject) == (2, "m.tomorrow")


async def test_rows_that_were_swapped_do_not_open(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        await store.commit(Batch((Save(presence("m.a")), Save(presence("m.b")))))
        assert await store.sweep(NOON_UTC_S) == 0
    with sqlite3.connect(tmp_path / "gateway.db") as connection:
        (one, other) = connection.execute("SELECT key, body FROM records WHERE kind = 'presence'").fetchall()
        connection.execute("UPDATE records SET body = ? WHERE key = ?", (one[1], other[0]))
    connection.close()
    async with open_store(tmp_path, SECRET) as store:
        assert len((await store.load()).records) == 1
        assert store.announcement is not None


async def test_another_secret_is_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    async with open_store(tmp_path, SECRET) as store:
        await commit_about(store, MARKED)
    before = (tmp_path / "gateway.db").read_bytes()
    with pytest.raises(SecretRefused, match="sealed with another secret"):
        async with open_store(tmp_path, bytes(32)):
            pass
    for open_side in (open_outbox, open_ledger):
        with pytest.raises(SecretRefused, match="put the device secret it was made with back"):
            async with open_side(tmp_path, bytes(32)):
                pass
    assert (tmp_path / "gateway.db").read_bytes() == before


@given(st.binary(max_size=200), st.binary(max_size=40), st.integers(-5, 30_000))
def test_what_is_sealed_opens_at_its_place_and_nowhere_else(body: bytes, place: bytes, day: int) -> None:
    sealer = Sealer(SECRET)
    sealed = sealer.seal(day, place, body)
    restarted = Sealer(SECRET)
    restarted.learn(dict(sealer.fresh()))
    assert restarted.open(day, place, sealed) == body
    with pytest.raises(Corrupted):
        restarted.open(day, place + b"x", sealed)
    with pytest.raises(Corrupted):
        restarted.open(day, place, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(DayKeyGone):
        restarted.open(day + 1, place, sealed)


def test_a_stored_day_key_opens_only_with_its_secret_and_day() -> None:
    sealer = Sealer(SECRET)
    sealed = sealer.seal(20_000, b"", b"body")
    ((day, wrapped),) = sealer.fresh()
    for secret, claimed_day in ((bytes(32), day), (SECRET, day + 1)):
        other = Sealer(secret)
        other.learn({claimed_day: wrapped})
        with pytest.raises(Corrupted, match="key of day"):
            other.open(claimed_day, b"", sealed)


def test_lookups_tell_parts_apart_and_secrets_too() -> None:
    sealer = Sealer(SECRET)
    hashes = {sealer.lookup("ab", "c"), sealer.lookup("a", "bc"), sealer.lookup("abc"), sealer.lookup("ab", "c", "")}
    assert len(hashes) == 4
    assert {len(found) for found in hashes} == {16}
    assert sealer.lookup("ab", "c") == Sealer(SECRET).lookup("ab", "c") != Sealer(bytes(32)).lookup("ab", "c")
