"""Documents on disk: the old one or the new one, never a mixture, and nothing of versions that are over."""

from pathlib import Path

import pytest

from gateway.runtime.errors import StorageUnavailable
from gateway.storage.documents import KeptDocuments
from gateway.storage.refusals import Unreadable

OLD, NEW, COMING = (f"sha256:{digit * 64}" for digit in "012")


async def test_a_manifest_holds_until_the_next_one(tmp_path: Path) -> None:
    kept = KeptDocuments(tmp_path)
    assert await kept.manifest("campaigns") is None
    await kept.prepare()
    await kept.keep("campaigns", b'{"serial": 1}')
    draft = tmp_path / "documents" / ".campaigns.manifest.draft"
    draft.touch(mode=0o600)
    draft.write_bytes(b"cut sh")
    assert await kept.manifest("campaigns") == b'{"serial": 1}'
    await kept.keep("campaigns", b'{"serial": 2}')
    assert await KeptDocuments(tmp_path).manifest("campaigns") == b'{"serial": 2}'
    assert (tmp_path / "documents" / "campaigns.manifest").stat().st_mode & 0o777 == 0o600


async def test_versions_lie_side_by_side(tmp_path: Path) -> None:
    kept = KeptDocuments(tmp_path)
    await kept.prepare()
    await kept.write("members", OLD, b"old")
    await kept.write("members", NEW, b"new")
    assert [kept.content("members", digest).read_bytes() for digest in (OLD, NEW)] == [b"old", b"new"]


async def test_what_is_over_goes_and_the_rest_stays(tmp_path: Path) -> None:
    kept = KeptDocuments(tmp_path)
    await kept.prepare()
    for digest in (OLD, NEW):
        await kept.write("members", digest, b"x")
        kept.compiled("members", digest).write_bytes(b"x")
    for name in ("members", "members_1", "members_2", "membership"):
        await kept.keep(name, b"{}")
    part = kept.content("members", COMING).with_name(kept.content("members", COMING).name + ".part")
    draft = tmp_path / "documents" / ".members_1.manifest.draft"
    for path in (part, draft):
        path.write_bytes(b"x")
    await kept.clear("members", 1, [NEW, COMING])
    left = {path.name for path in (tmp_path / "documents").iterdir()}
    assert left == {
        kept.content("members", NEW).name,
        kept.compiled("members", NEW).name,
        part.name,
        "members.manifest",
        "members_1.manifest",
        "membership.manifest",
    }


async def test_a_disk_that_takes_nothing_keeps_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "documents").write_bytes(b"in the way")
    kept = KeptDocuments(tmp_path)
    with pytest.raises(StorageUnavailable, match="campaigns could not be kept"):
        await kept.keep("campaigns", b"m")
    with pytest.raises(Unreadable):
        await kept.manifest("campaigns")


@pytest.mark.parametrize("name", ["", "../members", "a/b", "Campaigns", ".hidden"])
async def test_a_name_cannot_leave_the_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="is no document's name"):
        await KeptDocuments(tmp_path).keep(name, b"")
    with pytest.raises(ValueError, match="names no document's file"):
        await KeptDocuments(tmp_path).write(name, NEW, b"")
    with pytest.raises(ValueError, match="names no document's file"):
        KeptDocuments(tmp_path).content("members", "sha256:../../x")
