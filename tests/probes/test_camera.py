"""What `doctor` says of cameras."""

import asyncio
from pathlib import Path

import pytest

from gateway.probes.camera import CameraSeen, judge_camera, look_at_camera


async def test_files_and_addresses(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await look_at_camera("cam-1", str(tmp_path)) == CameraSeen("cam-1")
    assert await look_at_camera("cam-1", str(tmp_path / "video9")) == CameraSeen("cam-1", "missing")
    assert await look_at_camera("cam-1", f"rtsp://user:secret@127.0.0.1:{port}/live") == CameraSeen("cam-1")
    server.close()
    await server.wait_closed()
    refused = await look_at_camera("cam-1", f"http://127.0.0.1:{port}/live")
    assert refused.trouble is not None


@pytest.mark.parametrize(
    ("trouble", "status", "says"),
    [
        (None, "ok", ""),
        ("missing", "problem", "plug it in"),
        ("denied", "problem", "group video"),
        ("Connection refused", "problem", "switched on"),
    ],
)
def test_judgement(trouble: str | None, status: str, says: str) -> None:
    finding = judge_camera(CameraSeen("cam-1", trouble))
    assert finding.status == status
    assert says in finding.mend
