"""A gateway in a virtual machine whose power is cut again and again; the broker outside remembers what it was told.

`python -m tests.vm.power_cut [--cuts 20] [--unsynced] [--seed SEED]`, by `scripts/power-cut.sh`: exit 0 = nothing that
was told or reported committed was ever taken back.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from simulators.capture_player import CapturePlayer, PlaybackError, PlayerOptions
from simulators.head_office import HeadOffice
from simulators.link import Link
from simulators.recorded_walk import TimedLine
from tests.architecture.tree import ROOT
from tests.brokers import free_port, mosquitto
from tests.scenarios import far_zones
from tests.scenarios.restartable_gateway import RestartableGateway
from tests.vm.forgetful_disk import ForgetfulDisk
from tests.vm.relay import relaying
from tests.vm.told import Told

MACHINE: Final = Path(os.environ.get("PROXIMITY_VM") or ROOT / "build" / "vm")
IN_GUEST: Final = 7000
"""The guest's port that leads to the gateway's capture socket."""
DISK: Final = "128M"
CHECKED: Final = "e2fsck -y /dev/vdb"
"""As at every boot of Raspberry Pi OS (`fsck.repair=yes`): the superblock is two sectors, and a cut may tear it."""
SPEED: Final = 5.0
NEWS_S: Final = 240.0
SETTLED_S: Final = 3.0
LONGEST_S: Final = 8.0
"""A machine lives at most so long after its gateway was heard from (seconds)."""


@dataclass(frozen=True, slots=True)
class Trials:
    """How often the power is cut, whether SQLite waits for the disk, and what chance begins with."""

    cuts: int
    synced: bool
    seed: str


class TakenBack(Exception):
    """What cannot be after a power cut; its text says what was taken back."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Those who live on and remember: the disk, a head office, a listener at the broker, the player of a capture."""

    disk: ForgetfulDisk
    office: HeadOffice
    told: Told
    player: CapturePlayer

    def judge(self) -> None:
        """Compare what all lives of the gateway told.

        Raises:
            TakenBack: two of them contradict each other.
        """
        incarnations = {stream.incarnation for stream in self.office.streams}
        contradictions = self.told.contradictions
        found = [
            *self.office.complaints,
            *([f"sequences told twice, of different content: {contradictions}"] if contradictions else []),
            *([f"sequences never told, below others that were: {self.office.gaps}"] if self.office.gaps else []),
            *([f"streams begun anew: {len(incarnations)} incarnations"] if len(incarnations) > 1 else []),
        ]
        if found:
            raise TakenBack("; ".join(found))

    async def all_committed(self) -> None:
        """Return when the gateway reported every line of the capture committed.

        Raises:
            TakenBack: it wants lines that it had reported committed.
        """
        try:
            await self.player.done()
        except PlaybackError as error:
            raise TakenBack(str(error)) from error


class PowerCut:
    """The machine, and what is done to it."""

    def __init__(self, directory: Path, trials: Trials, say: Callable[[str], None]) -> None:
        self._directory = directory
        self._trials = trials
        self._chance = Random(trials.seed)
        self._say = say
        self._day: list[TimedLine] = list(far_zones.capture(3600, scan_every=1))
        self._forwarded = free_port()
        self._console = directory / "console.log"

    async def run(self) -> None:
        """Cut the power as often as asked for, then let the last life finish, and compare.

        Raises:
            TakenBack: something that was told or reported committed was taken back.
        """
        _make_disk(self._directory / "disk")
        async with (
            mosquitto(self._directory / "broker") as broker,
            HeadOffice(broker.url, far_zones.STORE) as office,
            ForgetfulDisk(self._directory / "disk", self._directory / "disk.sock") as disk,
            await relaying(str(self._directory / "capture.sock"), f"127.0.0.1:{self._forwarded}"),
        ):
            told = Told()
            options = PlayerOptions(speed=SPEED, window=500, connect_s=2 * NEWS_S)
            gateway = RestartableGateway(self._directory, far_zones.STORE, office.signer, _seen_from_guest(broker.port))
            gateway.write(far_zones.FLOORPLAN, {})
            (self._directory / "state").mkdir()
            socket = self._directory / "capture.sock"
            async with (
                Link(broker.url, ("proximity/v1/+/+/+/events/+",), told.hear, lambda: None),
                CapturePlayer(socket, far_zones.STARTED_UTC_S, self._day, options) as player,
            ):
                outside = Outside(disk, office, told, player)
                for cut in range(1, self._trials.cuts + 1):
                    await self._live_and_die(cut, outside)
                await self._finish(outside)

    async def _live_and_die(self, cut: int, outside: Outside) -> None:
        before, flushes = outside.office.received, outside.disk.flushes
        machine = await self._boot()
        try:
            await self._heard_from(outside, machine)
            await asyncio.sleep(self._chance.uniform(0, LONGEST_S))
        finally:
            await _pull_the_plug(machine)
        forgotten = outside.disk.lose_power(self._chance)
        told, flushed = outside.office.received - before, outside.disk.flushes - flushes
        counts = f"{told} events told, {flushed} flushes, {forgotten} sectors forgotten"
        self._say(f"cut {cut}: {counts}; {outside.player.committed} lines committed")
        outside.judge()

    async def _finish(self, outside: Outside) -> None:
        """Everything that was committed, and nothing else, happened once."""
        office = outside.office
        machine = await self._boot()
        try:
            await self._heard_from(outside, machine)
            outside.player.finish()
            await outside.all_committed()
            scans = sum('"code"' in text for _, text in self._day[: outside.player.committed])
            with suppress(TimeoutError):
                await office.until(lambda: office.count("code.scanned") >= scans, NEWS_S)
            await asyncio.sleep(SETTLED_S)
        finally:
            await _pull_the_plug(machine)
        outside.judge()
        if office.count("code.scanned") != scans:
            raise TakenBack(f"{office.count('code.scanned')} scans were told, {scans} were committed")
        self._say(f"{office.received} events of one incarnation, {office.duplicates} of them told again, alike")

    async def _heard_from(self, outside: Outside, machine: Process) -> None:
        """Return when the gateway has told something new.

        Raises:
            TakenBack: it contradicts an earlier life, or wants lines that it had reported committed.
            RuntimeError: the machine ended by itself, or stays silent.
        """
        office, before = outside.office, outside.office.received
        refusal, end = asyncio.ensure_future(outside.all_committed()), asyncio.ensure_future(machine.wait())
        # A gateway that the player refuses says that it has started, and no more.
        news = asyncio.ensure_future(office.until(lambda: office.received > before + (not refusal.done()), NEWS_S))
        try:
            await asyncio.wait({news, end}, return_when=asyncio.FIRST_COMPLETED)
            outside.judge()
            if refusal.done():
                await refusal
            if not news.done() or news.exception() is not None:
                console = self._console.read_text(errors="replace")[-2_000:]
                msg = f"nothing new is heard of the gateway; its machine said at last:\n{console}"
                raise RuntimeError(msg)
        finally:
            for task in (news, refusal, end):
                task.cancel()
            await asyncio.gather(news, refusal, end, return_exceptions=True)

    async def _boot(self) -> Process:
        fault = "" if self._trials.synced else "PYTHONPATH=/src/tests/vm/unsynced "
        run = f"PROXIMITY_MQTT__ALLOW_PLAIN_TEXT=true {fault}proximity-gateway run --settings /job/settings.toml"
        relay = f"python -m tests.vm.relay 0.0.0.0:{IN_GUEST} /job/state/capture.sock"
        options = (
            *("-drive", f"file=nbd+unix:///?socket={self._directory / 'disk.sock'},format=raw,if=virtio"),
            *("-virtfs", f"local,path={self._directory},mount_tag=job,security_model=none"),
        )
        command = f"{CHECKED}; mount /dev/vdb /job/state && {{ {relay} & {run}; }}"
        with self._console.open("wb") as console:
            return await asyncio.create_subprocess_exec(
                *(ROOT / "scripts" / "vm.sh", "boot", MACHINE, command, *options),
                stdin=DEVNULL,
                stdout=console,
                stderr=console,
                env={**os.environ, "VM_FORWARD": f"{self._forwarded}-:{IN_GUEST}"},
                start_new_session=True,
            )


def _make_disk(path: Path) -> None:
    subprocess.run(["truncate", "-s", DISK, path], check=True)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", path], check=True, stdout=subprocess.DEVNULL)


def _seen_from_guest(port: int) -> str:
    return f"mqtt://10.0.2.2:{port}"


async def _pull_the_plug(machine: Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(machine.pid, signal.SIGKILL)
    await machine.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--unsynced", action="store_true")
    parser.add_argument("--seed", default="power")
    asked = parser.parse_args()
    trials = Trials(asked.cuts, not asked.unsynced, asked.seed)
    with tempfile.TemporaryDirectory(prefix="proximity-power-", ignore_cleanup_errors=True) as directory:
        try:
            asyncio.run(PowerCut(Path(directory), trials, _say).run())
        except TakenBack as taken:
            _say(f"taken back: {taken}")
            return 1
    return 0


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
