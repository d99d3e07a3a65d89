"""Documents on disk: the old one or the new one, never a mixture."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.runtime.errors import StorageUnavailable
from gateway.storage.documents import KeptDocument, KeptDocuments, framed, parse
from gateway.storage.refusals import Unreadable


async def test_what_was_saved_last_is_loaded(tmp_path: Path) -> None:
    kept = KeptDocuments(tmp_path)
    assert await kept.load("campaigns") is None
    await kept.save("campaigns", b'{"serial": 1}', b"old")
    await kept.save("campaigns", b'{"serial": 2}', b"new\n\x00 content")
    await kept.save("members", b"{}", b"")
    assert await KeptDocuments(tmp_path).load("campaigns") == KeptDocument(b'{"serial": 2}', b"new\n\x00 content")
    assert await kept.load("members") == KeptDocument(b"{}", b"")
    assert sorted(place.name for place in (tmp_path / "documents").iterdir()) == [
        "campaigns.document",
        "members.document",
    ]
    assert (tmp_path / "documents" / "members.document").stat().st_mode & 0o777 == 0o600


async def test_a_save_cut_short_leaves_the_old_one(tmp_path: Path) -> None:
    kept = KeptDocuments(tmp_path)
    await kept.save("campaigns", b"m", b"old")
    (tmp_path / "documents" / ".campaigns.document.draft").write_bytes(b"proximity-document 1 1")
    assert await kept.load("campaigns") == KeptDocument(b"m", b"old")
    await kept.save("campaigns", b"m", b"new")
    assert await kept.load("campaigns") == KeptDocument(b"m", b"new")


async def test_a_disk_that_takes_nothing_keeps_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "documents").write_bytes(b"in the way")
    with pytest.raises(StorageUnavailable, match="campaigns could not be kept"):
        await KeptDocuments(tmp_path).save("campaigns", b"m", b"c")


@pytest.mark.parametrize("name", ["", "../members", "a/b", "Campaigns", ".hidden"])
async def test_a_name_cannot_leave_the_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="is no document's name"):
        await KeptDocuments(tmp_path).save(name, b"", b"")


@given(st.binary(max_size=50), st.binary(max_size=50), st.integers(0, 200))
def test_a_file_is_read_whole_or_refused(manifest: bytes, content: bytes, cut: int) -> None:
    file = framed(manifest, content)
    assert parse(Path("a.document"), file) == KeptDocument(manifest, content)
    if cut < len(file):
        with pytest.raises(Unreadable, match="is damaged; remove it"):
            parse(Path("a.document"), file[:cut])
    with pytest.raises(Unreadable):
        parse(Path("a.document"), file + b"x")


@pytest.mark.parametrize(
    "line", [b"", b"proximity-document 2 1 1\nab", b"proximity-document 1 -1 3\nab", bytes(range(200, 248))]
)
def test_another_format_is_refused(line: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(Path("a.document"), line)
