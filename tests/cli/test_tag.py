"""`tag`: a marker on a real reader's tag, verified and locked."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from gateway.codecs.ndef import UriRecord, encode
from simulators.nfc import Tag, Type2Tag, Type4Tag, held
from tests.pcscd import Daemon, needs_pcscd, pcscd

MESSAGE = encode(UriRecord("https://shop.example/m/A7"))
WRITE = ("write", "A7", "--site", "https://shop.example")


async def run(*arguments: str) -> tuple[int | None, str, str]:
    command = (sys.executable, "-m", "gateway", "tag", *arguments)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, env=dict(os.environ))
    async with asyncio.timeout(60):
        out, problems = await process.communicate()
    return process.returncode, out.decode(), problems.decode()


async def on(daemon: Daemon, tag: Tag, *arguments: str) -> tuple[int | None, str, str]:
    async with held(tag, daemon.port):
        return await run(*arguments)


@needs_pcscd
@pytest.mark.slow
@pytest.mark.parametrize("kind", [Type2Tag, Type4Tag])
async def test_a_marker_is_written_verified_locked_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Type2Tag | Type4Tag]
) -> None:
    with pcscd(tmp_path, monkeypatch) as daemon:
        tag = kind()
        status, out, problems = await on(daemon, tag, *WRITE, "--lock")
        assert (status, json.loads(out)) == (0, {"marker": "A7", "uri": "https://shop.example/m/A7", "locked": True})
        assert "lay a tag on Shop" in problems
        assert tag.is_locked
        await asyncio.sleep(0.8)
        status, out, problems = await on(daemon, tag, "read")
        assert (status, json.loads(out)["message"]) == (0, MESSAGE.hex())
        assert tag.uid.hex() not in out + problems
        await asyncio.sleep(0.8)
        status, out, problems = await on(daemon, tag, *WRITE)
        assert (status, out) == (1, "")
        assert "the tag is locked" in problems


@needs_pcscd
async def test_no_tag_and_no_reader_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pcscd(tmp_path, monkeypatch) as daemon:
        assert await run("read", "--wait", "1") == (2, "", "lay a tag on Shop 00 00\nno tag came in 1 s\n")
        status, _, problems = await run("read", "--reader", "ACR122U")
        assert (status, "a reader named 'ACR122U'" in problems) == (2, True)
        daemon.stop()
        status, _, problems = await run("read")
        assert (status, "systemctl status pcscd" in problems) == (2, True)


async def test_a_marker_that_cannot_be_is_refused_before_anything_is_done() -> None:
    status, _, problems = await run("write", "a/7", "--site", "https://shop.example")
    assert (status, "leads to no marker" in problems) == (2, True)
