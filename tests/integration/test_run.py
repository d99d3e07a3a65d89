"""The daemon as a process: it runs a recorded walk, stops in order, and says in one message why it does not start."""

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli import app_of
from simulators.broker import Broker
from tests.corpora import RADIO

ROOT = Path(__file__).parents[2]
OFFICE = RADIO / "office"
SETTINGS = """
[store]
tenant = "corpus"
id = "office"
gateway = "gw-1"
floorplan = "floorplan.toml"
[state]
directory = "state"
"""
WALK = '[[sources]]\nkind = "capture"\npath = "walk.ndjson"\nspeed = 0\n'


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "floorplan.toml").write_bytes((OFFICE / "floorplan.toml").read_bytes())
    (tmp_path / "walk.ndjson").write_bytes((OFFICE / "straight_01.ndjson").read_bytes())
    return tmp_path


def write(shop: Path, more: str = "") -> Path:
    path = shop / "settings.toml"
    path.write_text(SETTINGS + more)
    return path


def command(name: str, settings: Path) -> list[str]:
    return [sys.executable, "-m", "gateway", name, "--settings", str(settings)]


def fails(name: str, settings: Path) -> tuple[int, str]:
    done = subprocess.run(command(name, settings), cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stderr.strip()


def complaint(settings: Path) -> tuple[int, str]:
    """What `check` says, without a process of its own."""
    done = CliRunner().invoke(app_of(["check"]), ["check", "--settings", str(settings)])
    return done.exit_code, done.stderr.strip()


@contextmanager
def running(settings: Path, environ: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command("run", settings), cwd=ROOT, env={**os.environ, **(environ or {})}, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def get(port: int, path: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def until_ready(port: int) -> None:
    give_up_s = time.monotonic() + 60.0
    while time.monotonic() < give_up_s:
        try:
            if get(port, "/readyz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    pytest.fail("it never became ready")


def rows(shop: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(shop / "state" / "gateway.db")
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_recorded_walk_runs_and_stops_in_order(shop: Path) -> None:
    port = free_port()
    settings = write(shop, f'[http]\nlisten = "127.0.0.1:{port}"\n{WALK}')
    with running(settings) as process:
        until_ready(port)
        lines = (shop / "walk.ndjson").read_text().count("\n") - 1
        for _ in range(200):
            if get(port, "/healthz")[1]["counters"]["inputs"] > lines:
                break
            time.sleep(0.05)
        status, health = get(port, "/healthz")
        assert (status, health["status"], health["counters"]["dropped"]) == (200, "ok", 0)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=60)
        assert process.returncode == 0, log
    assert "event=stopped" in log
    assert "Traceback" not in log
    types = dict(rows(shop, "SELECT name, events FROM streams JOIN tallies ON stream = number"))
    assert types["visit"] >= 4
    assert types["telemetry"] == 2
    assert [line for (line,) in rows(shop, "SELECT line FROM positions")] == [lines]


def test_a_second_run_goes_on_with_the_same_streams(shop: Path) -> None:
    port = free_port()
    settings = write(shop, f'[http]\nlisten = "127.0.0.1:{port}"\n{WALK}')
    for _ in range(2):
        with running(settings) as process:
            until_ready(port)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
            assert process.returncode == 0
    runs = rows(
        shop, "SELECT next_sequence, events FROM tallies JOIN streams ON stream = number WHERE name = 'telemetry'"
    )
    assert runs == [(5, 4)]


def test_without_a_player_it_waits_and_still_stops(shop: Path) -> None:
    port = free_port()
    settings = write(
        shop, f'[http]\nlisten = "127.0.0.1:{port}"\n[[sources]]\nkind = "capture"\nsocket = "capture.sock"\n'
    )
    with running(settings) as process:
        for _ in range(200):
            if (shop / "state" / "capture.sock").exists():
                break
            time.sleep(0.05)
        code, problem = get(port, "/readyz")
        assert (code, problem["code"]) == (503, "not_ready")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0


def test_systemd_hears_ready_and_stopping(shop: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(shop / "notify"))
        channel.settimeout(60)
        with running(write(shop, WALK), {"NOTIFY_SOCKET": str(shop / "notify"), "WATCHDOG_USEC": "3000000"}) as process:
            heard = [channel.recv(100).decode()]
            assert heard == ["EXTEND_TIMEOUT_USEC=60000000"], "it asks for time at once"
            while not {"READY=1", "WATCHDOG=1"} <= set(heard):
                heard.append(channel.recv(100).decode())
            process.send_signal(signal.SIGTERM)
            while channel.recv(100) != b"STOPPING=1":
                pass
            process.communicate(timeout=60)
            assert process.returncode == 0


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("[mqt]\nurl = 'x'\n", "settings.toml: mqt: there is no such table; did you mean mqtt?"),
        ("[http]\nlisten = 'x'\n", "settings.toml: http.listen: 'x' is no HOST:PORT; an example: 127.0.0.1:8080"),
        ("[documents]\ncampaigns = 'campaigns.json'\n", "there is no file campaigns.manifest.json beside it; ask head"),
        ("[documents]\nmembers = 'members.ndjson'\n", "members.ndjson; correct the path, or put it there"),
        ("[[sources]]\nkind = 'radar'\n", "'radar' is no kind of source in this version; it has \""),
        ("[mqtt]\nurl = 'mqtts://b.example'\nca = 'ca.pem'\n", "ca.pem is not there or no file; write the path of"),
    ],
)
def test_what_is_wrong_with_the_settings_is_one_message_and_exit_2(shop: Path, more: str, says: str) -> None:
    (shop / "campaigns.json").write_text("{}")
    settings = write(shop, more)
    code, message = fails("run", settings)
    assert code == 2
    assert says in message
    assert len(message.splitlines()) == 1
    assert not (shop / "state").exists()
    code, checked = complaint(settings)
    assert code == 1
    assert says in checked


def test_a_missing_settings_file_is_exit_2(shop: Path) -> None:
    for name in ("run", "check"):
        code, message = fails(name, shop / "none.toml")
        assert (code, message) == (
            2,
            f"{shop}/none.toml: there is no such file; write it there, or name another with --settings",
        )


def test_an_occupied_port_is_one_message_and_exit_2(shop: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, message = fails("run", write(shop, f'[http]\nlisten = "127.0.0.1:{port}"\n'))
    assert code == 2
    assert f"http.listen: 127.0.0.1:{port} cannot be listened on (Address already in use); end the program" in message
    assert len(message.splitlines()) == 1
    assert not (shop / "state").exists()


def make_state(shop: Path) -> Path:
    settings = write(shop, WALK)
    with running(settings) as process:
        for _ in range(400):
            if (shop / "state" / "gateway.db").exists():
                break
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    return settings


def test_an_unreadable_database_is_one_message_and_exit_2_and_stays_as_it_is(shop: Path) -> None:
    settings = make_state(shop)
    database = shop / "state" / "gateway.db"
    database.write_bytes(b"scratched" * 5000)
    code, message = fails("run", settings)
    assert code == 2
    assert message.startswith(f"{database}: ")
    assert "restore a backup" in message
    assert len(message.splitlines()) == 1
    assert database.read_bytes() == b"scratched" * 5000


def test_a_database_of_newer_code_is_one_message_and_exit_2_and_stays_as_it_is(shop: Path) -> None:
    settings = make_state(shop)
    connection = sqlite3.connect(shop / "state" / "gateway.db")
    with connection:
        connection.execute("UPDATE meta SET value = 99 WHERE name = 'min_code'")
    connection.close()
    before = (shop / "state" / "gateway.db").read_bytes()
    code, message = fails("run", settings)
    assert code == 2
    assert "the database needs storage code 99, this gateway has 1; install the newer gateway again" in message
    assert len(message.splitlines()) == 1
    assert (shop / "state" / "gateway.db").read_bytes() == before


def test_two_gateways_never_share_a_state(shop: Path) -> None:
    port = free_port()
    settings = write(shop, f'[http]\nlisten = "127.0.0.1:{port}"\n{WALK}')
    with running(settings):
        until_ready(port)
        again = write(shop, WALK)
        code, message = fails("run", again)
    assert code == 2
    assert "another gateway runs on this state" in message


async def test_a_second_signal_ends_it_at_once(shop: Path) -> None:
    async with Broker("mosquitto") as broker:
        port = free_port()
        settings = write(shop, f'[mqtt]\nurl = "{broker.url}"\n[http]\nlisten = "127.0.0.1:{port}"\n{WALK}')
        with running(settings) as process:
            await asyncio.to_thread(until_ready, port)
            await asyncio.to_thread(until_connected, port)
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(1)
            assert process.poll() is None, "nobody acknowledges, so it waits"
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.communicate, timeout=30)
            assert process.returncode == -signal.SIGTERM


def until_connected(port: int) -> None:
    for _ in range(200):
        if "connected" in {condition["code"] for condition in get(port, "/healthz")[1]["conditions"]}:
            return
        time.sleep(0.05)
    pytest.fail("it never reached the broker")
