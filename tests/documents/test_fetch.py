"""Documents by HTTPS: resumed, bounded, believed by their digest alone."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.codecs.signing import digest_of
from gateway.documents.fetch import Unreachable, Wanted, fetch
from gateway.documents.refusal import DocumentRefused
from simulators.authority import issue
from simulators.document_server import Asked, DocumentServer

CONTENT = os.urandom(200_000)
QUICK = (0.01, 0.02)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[DocumentServer]:
    async with DocumentServer(issue(tmp_path)) as running:
        running.put("/members", CONTENT)
        yield running


def wanted(server: DocumentServer, tmp_path: Path, **facts: object) -> Wanted:
    as_signed = {"url": f"{server.url}/members", "size": len(CONTENT), "digest": digest_of(CONTENT)}
    return Wanted("members", **{**as_signed, "ca": tmp_path / "authority.pem", **facts})  # type: ignore[arg-type]


async def brought(wish: Wanted, tmp_path: Path, silent_s: float = 5.0) -> bytes:
    await asyncio.to_thread(fetch, wish, tmp_path / "here", QUICK, silent_s)
    return (tmp_path / "here").read_bytes()


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.glob("here*"))


async def test_a_document_comes_whole(server: DocumentServer, tmp_path: Path) -> None:
    assert await brought(wanted(server, tmp_path), tmp_path) == CONTENT
    assert left(tmp_path) == ["here"]


async def test_a_cut_transfer_goes_on_where_it_was_cut(server: DocumentServer, tmp_path: Path) -> None:
    server.trouble.cuts = [50_000, 60_000, 0]
    assert await brought(wanted(server, tmp_path), tmp_path) == CONTENT
    assert [(asked.start, asked.status) for asked in server.asked] == [
        (0, 200),
        (50_000, 206),
        (110_000, 206),
        (110_000, 206),
    ]


async def test_another_process_goes_on_where_one_was_killed(server: DocumentServer, tmp_path: Path) -> None:
    server.trouble.cuts = [90_000, 0, 0, 0]
    with pytest.raises(Unreachable, match="localhost gives no more of it"):
        await brought(wanted(server, tmp_path), tmp_path)
    assert left(tmp_path) == ["here.etag", "here.part"]
    assert await brought(wanted(server, tmp_path), tmp_path) == CONTENT
    assert server.asked[-1] == Asked("/members", 90_000, 206, 110_000)


async def test_a_part_of_another_version_is_not_gone_on_with(server: DocumentServer, tmp_path: Path) -> None:
    server.put("/members", CONTENT[::-1])
    server.trouble.cuts = [90_000, 0, 0, 0]
    with pytest.raises(Unreachable):
        await brought(wanted(server, tmp_path), tmp_path)
    server.put("/members", CONTENT)
    assert await brought(wanted(server, tmp_path), tmp_path) == CONTENT
    assert server.asked[-1].status == 200


async def test_without_an_entity_tag_nothing_is_resumed(server: DocumentServer, tmp_path: Path) -> None:
    server.trouble.tagless = True
    server.trouble.cuts = [90_000]
    assert await brought(wanted(server, tmp_path), tmp_path) == CONTENT
    assert [asked.status for asked in server.asked] == [200, 200]


async def test_a_whole_part_is_not_asked_for_again(server: DocumentServer, tmp_path: Path) -> None:
    (tmp_path / "here.part").write_bytes(CONTENT)
    assert await brought(wanted(server, tmp_path), tmp_path) == CONTENT
    assert server.asked == []


async def test_more_than_was_announced_is_never_stored(server: DocumentServer, tmp_path: Path) -> None:
    server.trouble.extra = os.urandom(500_000)
    with pytest.raises(DocumentRefused) as refused:
        await brought(wanted(server, tmp_path), tmp_path)
    assert refused.value.code == "wrong_size"
    assert left(tmp_path) == []


async def test_other_bytes_than_were_signed_are_thrown_away(server: DocumentServer, tmp_path: Path) -> None:
    with pytest.raises(DocumentRefused) as refused:
        await brought(wanted(server, tmp_path, digest=digest_of(b"other")), tmp_path)
    assert refused.value.code == "wrong_digest"
    assert left(tmp_path) == []


async def test_a_server_that_falls_silent_is_given_up(server: DocumentServer, tmp_path: Path) -> None:
    server.trouble.pause_s = 2.0
    with pytest.raises(Unreachable, match="it says nothing"):
        await brought(wanted(server, tmp_path, size=200_000), tmp_path, silent_s=0.1)


async def test_a_slow_server_is_waited_for(server: DocumentServer, tmp_path: Path) -> None:
    server.trouble.pause_s = 0.02
    assert await brought(wanted(server, tmp_path), tmp_path, silent_s=1.0) == CONTENT


async def test_a_certificate_of_another_authority_is_not_trusted(server: DocumentServer, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = issue(elsewhere).authority
    with pytest.raises(Unreachable, match="its certificate is not trusted"):
        await brought(wanted(server, tmp_path, ca=other), tmp_path)


async def test_a_certificate_of_another_name_is_not_trusted(tmp_path: Path) -> None:
    async with DocumentServer(issue(tmp_path, ("head-office.example",))) as server:
        server.put("/members", CONTENT)
        with pytest.raises(Unreachable, match="its certificate is not trusted"):
            await brought(wanted(server, tmp_path), tmp_path)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_where_it_is_not_the_server_says_so(server: DocumentServer, tmp_path: Path, status: int) -> None:
    server.trouble.status = status
    with pytest.raises(DocumentRefused) as refused:
        await brought(wanted(server, tmp_path), tmp_path)
    assert refused.value.code == "not_there"


async def test_a_server_in_trouble_is_asked_again(server: DocumentServer, tmp_path: Path) -> None:
    server.trouble.status = 503
    with pytest.raises(Unreachable, match="it answers 503"):
        await brought(wanted(server, tmp_path), tmp_path)


@pytest.mark.parametrize("location", ["https://127.0.0.1:1/members", "http://localhost/members", "file:///etc/passwd"])
async def test_no_redirect_leads_elsewhere(server: DocumentServer, tmp_path: Path, location: str) -> None:
    server.trouble.location = location
    with pytest.raises(DocumentRefused) as refused:
        await brought(wanted(server, tmp_path), tmp_path)
    assert refused.value.code == "bad_url"


@pytest.mark.parametrize("url", ["http://localhost/x", "file:///etc/passwd", "https:///x", "https://a:b@localhost/x"])
async def test_only_plain_https_urls_are_fetched(server: DocumentServer, tmp_path: Path, url: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        await brought(wanted(server, tmp_path, url=url), tmp_path)
    assert refused.value.code == "bad_url"
    assert "a:b" not in str(refused.value)


async def test_an_authority_file_that_is_none_is_said(server: DocumentServer, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("none")
    with pytest.raises(DocumentRefused, match="Correct trust"):
        await brought(wanted(server, tmp_path, ca=tmp_path / "empty.pem"), tmp_path)
