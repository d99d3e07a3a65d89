"""Day keys on disk: read back as written by this device alone, and gone with their day."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.documents.day_keys import PIECE_ROWS, DayFile, DayKeysWriter, erase_days, keys_path
from gateway.documents.mapped import MapDamaged

DEVICE_KEY = bytes(range(32))


def key_of(number: int) -> bytes:
    return number.to_bytes(16, "big")


def written(directory: Path, members: int, days: tuple[int, ...] = (100, 101)) -> Path:
    map_path = directory / "members-1f0c.map"
    with DayKeysWriter(map_path, DEVICE_KEY) as made:
        for number in range(members):
            made.add(number, {day: key_of(number + day) for day in days})
        assert made.end() == dict.fromkeys(days, members)
    return map_path


def read(map_path: Path, day: int, rows: int, device_key: bytes = DEVICE_KEY) -> list[tuple[int, bytes]]:
    def each() -> Iterator[tuple[int, bytes]]:
        for piece in DayFile(keys_path(map_path, day), rows).pieces(device_key):
            yield from piece.each()

    return list(each())


@pytest.mark.parametrize("members", [1, PIECE_ROWS, PIECE_ROWS + 1])
def test_keys_are_read_as_they_were_written(tmp_path: Path, members: int) -> None:
    map_path = written(tmp_path, members)
    for day in (100, 101):
        assert read(map_path, day, members) == [(number, key_of(number + day)) for number in range(members)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["members-1f0c.100.keys", "members-1f0c.101.keys"]


def test_another_device_reads_nothing(tmp_path: Path) -> None:
    with pytest.raises(MapDamaged, match="not as it was written"):
        read(written(tmp_path, 3), 100, 3, bytes(32))


def test_a_file_cut_at_a_piece_is_damaged(tmp_path: Path) -> None:
    map_path = written(tmp_path, PIECE_ROWS + 1)
    path = keys_path(map_path, 100)
    path.write_bytes(path.read_bytes()[: -(20 + 16)])
    with pytest.raises(MapDamaged, match=f"has {PIECE_ROWS} of {PIECE_ROWS + 1} keys"):
        read(map_path, 100, PIECE_ROWS + 1)


def test_a_file_under_the_name_of_another_day_is_damaged(tmp_path: Path) -> None:
    map_path = written(tmp_path, 3)
    keys_path(map_path, 100).replace(keys_path(map_path, 101))
    with pytest.raises(MapDamaged):
        read(map_path, 101, 3)


def test_days_that_are_over_are_erased(tmp_path: Path) -> None:
    map_path = written(tmp_path, 3)
    mapped = DayFile(keys_path(map_path, 100), 3)
    copy = keys_path(map_path, 100).read_bytes()
    draft = tmp_path / ".members-1f0c.99.keys.draft"
    draft.write_bytes(copy)
    assert erase_days(tmp_path, 101) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["members-1f0c.101.keys"]
    assert list(mapped.pieces(DEVICE_KEY)) == []
    assert read(map_path, 100, 3) == []
    assert len(read(map_path, 101, 3)) == 3


def test_a_day_is_erased_in_its_place_before_its_name_goes(tmp_path: Path) -> None:
    """Whoever holds the file open finds the key that opens it overwritten."""
    map_path = written(tmp_path, 3)
    with keys_path(map_path, 100).open("rb") as held:
        erase_days(tmp_path, 101)
        rest = held.read()
    assert rest[:60] == bytes(60)
    assert len(rest) == 60 + 3 * 20 + 16


def test_what_failed_leaves_nothing(tmp_path: Path) -> None:
    with DayKeysWriter(tmp_path / "members-1f0c.map", DEVICE_KEY) as made:
        made.add(1, {100: key_of(1)})
        with pytest.raises(OverflowError):
            made.add(1 << 32, {100: key_of(1)})
    assert list(tmp_path.iterdir()) == []
