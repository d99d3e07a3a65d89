"""An MQTT broker on a free loopback port: mosquitto where it is installed, else amqtt, which speaks MQTT 3.1.1 only."""

import asyncio
import json
import os
import shutil
import socket
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from simulators.leash import leashed

BrokerName = Literal["mosquitto", "amqtt"]

_SYSTEM_FOLDERS: Final = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
_START_S: Final = 20.0
_STOP_S: Final = 5.0
_POLL_S: Final = 0.05
_LOG_TAIL: Final = 2_000
_QUEUED_MESSAGES: Final = 100_000


class BrokerError(RuntimeError):
    """The broker did not come up; the text holds the end of its own log."""


class Broker:
    """A broker as a child process that does not outlive us, its messages and retained topics in memory only.

    `stop` and `start` (or `kill` and `start`) are an outage: the port stays the same, all that was retained or queued
    is lost. A client that is away loses its oldest messages beyond 100,000 (mosquitto).

    Attributes:
        name: `mosquitto` or `amqtt`.
        port: The loopback port, the same for its whole life.
        url: What clients connect to, `mqtt://127.0.0.1:PORT`.
    """

    def __init__(self, name: BrokerName | None = None) -> None:
        self.name: BrokerName = name or ("mosquitto" if mosquitto_path() else "amqtt")
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._process: Process | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="proximity-broker-")
        try:
            await self.start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    @property
    def running(self) -> bool:
        """Whether the broker takes connections now."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, and return when it takes connections; nothing happens when it already does.

        Raises:
            BrokerError: it ended, or took longer than 20 s.
        """
        if self.running:
            return
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *leashed(self._command()),
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(_START_S):
                await self._listening(self._process)
        except TimeoutError:
            raise self._failure(f"took no connection within {_START_S:.0f} s") from None

    async def stop(self) -> None:
        """End it in good order; clients see their connection close."""
        if self._process is None:
            return
        if self.running:
            self._process.terminate()
        try:
            async with asyncio.timeout(_STOP_S):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is None:
            return
        if self.running:
            self._process.kill()
        await self._process.wait()

    async def _end(self) -> None:
        await self.stop()
        if self._folder is not None:
            self._folder.cleanup()

    async def _listening(self, process: Process) -> None:
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(_POLL_S)
            else:
                writer.close()
                await writer.wait_closed()
                return
        raise self._failure(f"ended at once with exit status {process.returncode}")

    def _failure(self, what: str) -> BrokerError:
        tail = self._log.read_text(errors="replace")[-_LOG_TAIL:]
        return BrokerError(f"{self.name} on port {self.port} {what}; the end of its log:\n{tail}")

    @property
    def _log(self) -> Path:
        return self._path("broker.log")

    def _path(self, name: str) -> Path:
        if self._folder is None:
            msg = "the broker is an async context manager: enter it before it is started"
            raise RuntimeError(msg)
        return Path(self._folder.name) / name

    def _command(self) -> list[str]:
        if self.name == "amqtt":
            return [sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(self._amqtt_settings())]
        program = mosquitto_path()
        if program is None:
            msg = "mosquitto is not installed: apt install mosquitto, or use the amqtt broker"
            raise BrokerError(msg)
        return [program, "-c", str(self._mosquitto_settings())]

    def _mosquitto_settings(self) -> Path:
        """MQTT 5 and 3.1.1 for anybody on the loopback; root stays root, as its settings lie in a private folder."""
        lines = [
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous true",
            "persistence false",
            f"max_queued_messages {_QUEUED_MESSAGES}",
            *(["user root"] if os.geteuid() == 0 else []),
        ]
        path = self._path("mosquitto.conf")
        path.write_text("\n".join(lines) + "\n")
        return path

    def _amqtt_settings(self) -> Path:
        """Its settings are YAML, of which JSON is a part."""
        settings = {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{self.port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
        path = self._path("amqtt.yaml")
        path.write_text(json.dumps(settings))
        return path


def mosquitto_path() -> str | None:
    """The mosquitto of this machine; Debian puts it where only root looks. None when there is none."""
    return shutil.which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), *_SYSTEM_FOLDERS]))


def free_port() -> int:
    """A loopback TCP port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
