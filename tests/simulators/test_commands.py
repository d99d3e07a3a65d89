"""The simulators' commands as a developer runs them."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import simulators
from simulators.broker import Broker
from simulators.link import Link
from simulators.signer import signer_of
from tests.simulators.capture_socket import CaptureSocket

WALK = Path(simulators.__file__).parent / "shops" / "office_walk.ndjson"


async def command(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators", *arguments, stdout=PIPE, stderr=PIPE
    )


async def ended(process: Process) -> tuple[int | None, str, str]:
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_a_capture_is_played(tmp_path: Path) -> None:
    async with CaptureSocket(tmp_path / "capture.sock", commit_every=5) as gateway:
        status, out, _ = await ended(await command("play", str(WALK), "--socket", str(gateway.path), "--speed", "0"))
        assert status == 0
        assert json.loads(out) == {"sent": 1365, "committed": 1365, "connections": 1}


async def test_a_file_that_is_no_capture_is_bad_input(tmp_path: Path) -> None:
    status, out, err = await ended(await command("play", __file__, "--socket", str(tmp_path / "capture.sock")))
    assert (status, out) == (2, "")
    assert "line 1" in err


async def test_an_endless_capture_ends_well_at_an_interrupt(tmp_path: Path) -> None:
    async with CaptureSocket(tmp_path / "capture.sock", commit_every=1) as gateway:
        playing = await command("play", str(WALK), "--socket", str(gateway.path), "--speed", "50", "--loop")
        async with asyncio.timeout(60):
            while len(gateway.kept) < 2_000:
                await asyncio.sleep(0.05)
        playing.send_signal(signal.SIGINT)
        status, out, _ = await ended(playing)
        assert status == 0
        assert json.loads(out)["committed"] == len(gateway.kept)


async def test_head_office_says_which_key_to_trust_and_ends_well(tmp_path: Path) -> None:
    key = tmp_path / "hq.pem"
    async with Broker() as broker:
        office = await command("head-office", "--url", broker.url, "--key", str(key))
        assert office.stderr is not None
        async with asyncio.timeout(60):
            while b"received" not in (line := await office.stderr.readline()):
                assert line, await office.stderr.read()
        office.send_signal(signal.SIGINT)
        status, out, _ = await ended(office)
    assert status == 0
    assert json.loads(out) == {"received": 0, "acked": 0, "gaps": 0, "duplicates_before_dedup": 0}
    assert key.stat().st_mode & 0o777 == 0o600


async def test_head_office_without_a_broker_says_so(unused_tcp_port: int) -> None:
    status, _, err = await ended(await command("head-office", "--url", f"mqtt://127.0.0.1:{unused_tcp_port}"))
    assert status == 2
    assert "is it running?" in err


async def test_a_command_that_nobody_answers_says_how_long_that_was_waited_for(tmp_path: Path) -> None:
    signer_of(tmp_path / "hq.pem")
    async with Broker() as broker:
        arguments = ("--url", broker.url, "--key", str(tmp_path / "hq.pem"), "--timeout", "0.25")
        status, _, err = await ended(await command("command", "record", "--argument", "seconds=0.25", *arguments))
    assert (status, err.partition(":")[0]) == (1, "no answer within 0.5 s")


async def test_a_recording_is_waited_for_as_long_as_it_was_ordered_to_take(tmp_path: Path) -> None:
    ordered: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()

    def hear(topic: str, payload: bytes, _retained: bool) -> None:
        ordered.set_result((topic, json.loads(json.loads(payload)["command"])["id"]))

    key = tmp_path / "hq.pem"
    signer_of(key)
    topics = ["proximity/v1/demo/office/gw-1/commands/+"]
    async with Broker() as broker, Link(broker.url, topics, hear, lambda: None) as gateway:
        arguments = ("--url", broker.url, "--key", str(key), "--timeout", "0.2")
        process = await command("command", "record", "--argument", "seconds=60", *arguments)
        async with asyncio.timeout(60):
            topic, order_id = await ordered
        for answer in ("started", "done"):
            told = json.dumps({"id": order_id, "status": answer}).encode()
            gateway.publish(f"{topic}/result/{order_id}", told, retain=False)
            await asyncio.sleep(0.5)
        status, out, err = await ended(process)
        assert (status, json.loads(out)["status"], err) == (0, "done", "")
