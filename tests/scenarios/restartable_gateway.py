"""A real gateway that a test kills and starts again, with signed documents beside its settings and a capture socket."""

import asyncio
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from pathlib import Path

from gateway.model.store import StoreRef
from simulators.leash import leashed
from simulators.signer import Signer

ROOT = Path(__file__).parents[2]
START_S = 30.0


class RestartableGateway:
    """`python -m gateway run` in `directory`; `kill` is SIGKILL, `stop` a clean end.

    `under` are the words of a command that becomes it: another environment, network or clock.
    """

    def __init__(
        self, directory: Path, store: StoreRef, signer: Signer, mqtt_url: str | None = None, under: Sequence[str] = ()
    ) -> None:
        self.directory = directory
        self.settings = directory / "settings.toml"
        self.socket = directory / "state" / "capture.sock"
        self._store = store
        self._signer = signer
        self._under = under
        self._process: Process | None = None
        self._mqtt = f'[mqtt]\nurl = "{mqtt_url}"\n' if mqtt_url else ""

    def write(self, floorplan: str, documents: dict[str, tuple[bytes, int]], extra: str = "") -> None:
        """Write the settings, the floor plan, and each document (content, serial) with its manifest."""
        (self.directory / "floorplan.toml").write_text(floorplan)
        paths = ""
        for name, (content, serial) in documents.items():
            (self.directory / f"{name}.json").write_bytes(content)
            manifest = self._signer.manifest(content, self._store, name, serial)
            (self.directory / f"{name}.manifest.json").write_bytes(manifest)
            paths += f'{name} = "{name}.json"\n'
        self.settings.write_text(
            f'[store]\ntenant = "{self._store.tenant}"\nid = "{self._store.store}"\ngateway = "{self._store.gateway}"\n'
            f'floorplan = "floorplan.toml"\n[trust]\nkeys = {{ {self._signer.name} = "{self._signer.public_key}" }}\n'
            f'[state]\ndirectory = "state"\n{self._mqtt}'
            + (f"[documents]\n{paths}" if paths else "")
            + f'[[sources]]\nkind = "capture"\nsocket = "{self.socket.name}"\n{extra}'
        )

    async def start(self) -> None:
        with (self.directory / "gateway.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *leashed(self._command("run")),
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def kill(self) -> None:
        """SIGKILL; the process must have been alive until now."""
        process = self._running()
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL, self.log()
        self._process = None

    async def stop(self) -> int:
        process = self._running()
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 60)
        self._process = None
        return code

    async def ended(self, timeout_s: float = 60.0) -> int:
        """Wait for it to end by itself; its exit status."""
        code = await asyncio.wait_for(self._running().wait(), timeout_s)
        self._process = None
        return code

    async def end(self) -> None:
        """Leave no process behind, whatever became of it."""
        if self._process is not None and self._process.returncode is None:
            await self.kill()

    async def outbox(self) -> list[dict[str, object]]:
        """What `proximity-gateway outbox` prints."""
        command = self._command("outbox")
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
        printed, _ = await process.communicate()
        assert process.returncode == 0, self.log()
        return [json.loads(line) for line in printed.splitlines()]

    async def until_empty(self, timeout_s: float = 60.0) -> None:
        """Return when head office has everything."""
        async with asyncio.timeout(timeout_s):
            while any(stream["depth"] for stream in await self.outbox()):
                await asyncio.sleep(0.3)

    def resident_bytes(self) -> int:
        """Resident memory of the process (from /proc)."""
        pages = Path(f"/proc/{self._running().pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def log(self) -> str:
        return (self.directory / "gateway.log").read_text()[-4000:]

    def _command(self, name: str) -> list[str]:
        """A command of the gateway; its first word is a path."""
        program, *words = *self._under, sys.executable, "-m", "gateway", name, "--settings", str(self.settings)
        return [shutil.which(program) or program, *words]

    def _running(self) -> Process:
        assert self._process is not None, "start it first"
        assert self._process.returncode is None, f"it ended by itself with {self._process.returncode}: {self.log()}"
        return self._process
