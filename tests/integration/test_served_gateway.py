"""The daemon with its pages: a code lets somebody in, what a reader writes is on the stream, a stop ends it all."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
FLOORPLAN = """
[store]
id = "0042"
tenant = "acme"
timezone = "Europe/Paris"
[[zones]]
id = "shoes"
kind = "aisle"
[[receivers]]
id = "cam-1"
kind = "camera"
zone = "shoes"
[[markers]]
id = "A7"
zone = "shoes"
"""
SETTINGS = """
[store]
tenant = "acme"
id = "0042"
gateway = "gw-1"
floorplan = "floorplan.toml"
[state]
directory = "state"
[http]
listen = "127.0.0.1:{port}"
[[sources]]
kind = "input"
"""
SCAN = {"medium": "code", "receiver": "cam-1", "symbology": "qr_code", "text": "A7"}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[tuple[Path, str, "subprocess.Popen[str]"]]:
    """A running gateway: its folder, its address, its process."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    (tmp_path / "floorplan.toml").write_text(FLOORPLAN)
    (tmp_path / "settings.toml").write_text(SETTINGS.format(port=port))
    process = subprocess.Popen(command(tmp_path, "run"), cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        until_ready(f"http://127.0.0.1:{port}")
        yield tmp_path, f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.communicate()


def command(folder: Path, name: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "gateway", name, "--settings", str(folder / "settings.toml"), *more]


def until_ready(address: str) -> None:
    for _ in range(400):
        try:
            if httpx.get(f"{address}/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail("it never became ready")


def session(folder: Path, address: str) -> str:
    printed = subprocess.run(
        command(folder, "invite", "--scope", "staff"), cwd=ROOT, capture_output=True, text=True, check=True
    )
    code = json.loads(printed.stdout)["code"]
    return str(httpx.post(f"{address}/v1/sessions", json={"code": code}).json()["token"])


def test_from_a_code_to_a_scan_on_the_stream_to_the_stop(
    gateway: tuple[Path, str, "subprocess.Popen[str]"],
) -> None:
    folder, address, process = gateway
    headers = {"authorization": f"Bearer {session(folder, address)}"}
    told: list[dict[str, Any]] = []
    scanned = threading.Event()

    def watch() -> None:
        with httpx.stream("GET", f"{address}/v1/live", headers=headers, timeout=20) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    told.append(json.loads(line.removeprefix("data: ")))
                    if any("code.scanned" in event["type"] for event in told[-1].get("events", ())):
                        scanned.set()

    watching = threading.Thread(target=watch)
    watching.start()
    with socket.socket(socket.AF_UNIX) as reader:
        reader.connect(str(folder / "state" / "input.sock"))
        reader.sendall(b"nonsense\n" + json.dumps(SCAN).encode() + b"\n")
        assert b"not JSON" in reader.recv(4096)
    assert scanned.wait(60)
    assert told[0]["floorplan"]["zones"][0]["id"] == "shoes"
    began_s = time.monotonic()
    os.kill(process.pid, signal.SIGTERM)
    _, log = process.communicate(timeout=60)
    watching.join(timeout=30)
    assert (process.returncode, watching.is_alive()) == (0, False), log
    assert time.monotonic() - began_s < 30
    assert "Traceback" not in log
    assert not (folder / "state" / "input.sock").exists()
