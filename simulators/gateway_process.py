"""The real gateway as a child process: from a settings file to a clean exit."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from gateway.model.store import StoreRef
from simulators.leash import leashed
from simulators.signer import Signer

CAPTURE: Final[Mapping[str, str]] = {"kind": "capture", "socket": "capture.sock"}
"""The source that takes a capture from a player."""

_STOP_S: Final = 30.0
_LOG_LINES: Final = 40

T = TypeVar("T")


class GatewayFailedError(RuntimeError):
    """The gateway, or a command of it, did not do what it should; the text holds the end of what it wrote."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a stream stands in the gateway's own database: one line of its `outbox` command."""

    stream: str
    depth: int
    next_sequence: int
    acked: int

    @property
    def created(self) -> int:
        """How many events the stream ever had."""
        return self.next_sequence - 1


class GatewayProcess:
    """A gateway with a folder of its own: settings, log, state. Leaving the context kills it (SIGKILL).

    Attributes:
        settings: Its settings file.
        state: Its state directory.
        http: Where it serves HTTP, `HOST:PORT`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        store: StoreRef,
        broker_url: str,
        signer: Signer,
        floorplan: Path | None = None,
        survey: Path | None = None,
        http: str | None = None,
        sources: Sequence[Mapping[str, object]] = (CAPTURE,),
        simulator: str | None = None,
        engine: str | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """`simulator` is the origin of the controls that its page shows, `environ` goes over this process's own.

        With `engine` it is a satellite of that gateway of the shop, which alone needs a floor plan and serves `http`.
        """
        self.settings = folder / "settings.toml"
        self.state = folder / "state"
        self.http = http or ""
        self._environ = {**os.environ, **(environ or {})}
        self._log = folder / "gateway.log"
        self._process: Process | None = None
        self.settings.write_text(
            _SETTINGS.format(
                tenant=json.dumps(store.tenant),
                store=json.dumps(store.store),
                gateway=json.dumps(store.gateway),
                role=_plans(floorplan, survey) if engine is None else _role(engine),
                key_name=json.dumps(signer.name),
                public_key=json.dumps(signer.public_key),
                url=json.dumps(broker_url),
                http="" if http is None else _http(http, simulator),
                sources="\n".join(_source(each) for each in sources),
            )
        )

    @property
    def capture_socket(self) -> Path:
        """Where it takes a capture."""
        return self.state / CAPTURE["socket"]

    async def __aenter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command("run"),
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environ,
                start_new_session=True,
            )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def while_alive(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, as long as the gateway lives.

        Raises:
            GatewayFailedError: the gateway ended before.
        """
        working = asyncio.ensure_future(work)
        ending = asyncio.ensure_future(self._running().wait())
        try:
            await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise self.failure(f"ended by itself with exit status {ending.result()}")
        finally:
            working.cancel()
            ending.cancel()
            await asyncio.gather(working, ending, return_exceptions=True)

    async def stop(self) -> None:
        """Ask it to end (SIGTERM) and wait until it has.

        Raises:
            GatewayFailedError: it ended with another exit status than 0, or not within 30 s.
        """
        process = self._running()
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_S):
                status = await process.wait()
        except TimeoutError:
            raise self.failure(f"did not end within {_STOP_S:.0f} s of SIGTERM") from None
        if status != 0:
            raise self.failure(f"ended with exit status {status} after SIGTERM")

    async def outbox(self) -> list[Standing]:
        """Where its streams stand, by its `outbox` command; works while it runs and after.

        Raises:
            GatewayFailedError: the command failed.
        """
        return [_standing(line) for line in await self._asked("outbox")]

    async def invite(self, scope: str) -> str:
        """A one-time code for a person at its page, by its `invite` command.

        Raises:
            GatewayFailedError: the command failed.
        """
        (line,) = await self._asked("invite", "--scope", scope)
        return str(line["code"])

    def failure(self, what: str) -> GatewayFailedError:
        """An error that says `what` the gateway did, with the end of its log."""
        lines = self._log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
        return GatewayFailedError("\n".join([f"the gateway {what}; the end of its log:", *lines]))

    async def _asked(self, name: str, *arguments: str) -> list[dict[str, Any]]:
        """What a command of the gateway says, a line each."""
        asked = await asyncio.create_subprocess_exec(
            *self._command(name, *arguments),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=self._environ,
            start_new_session=True,
        )
        out, err = await asked.communicate()
        if asked.returncode != 0:
            msg = f"the gateway's {name} command ended with exit status {asked.returncode}:\n{err.decode().strip()}"
            raise GatewayFailedError(msg)
        return [json.loads(line) for line in out.splitlines()]

    def _running(self) -> Process:
        if self._process is None:
            msg = "the gateway is an async context manager: enter it first"
            raise RuntimeError(msg)
        return self._process

    def _command(self, name: str, *arguments: str) -> list[str]:
        return leashed([sys.executable, "-m", "gateway", name, "--settings", str(self.settings), *arguments])


def _plans(floorplan: Path | None, survey: Path | None) -> str:
    named = {"floorplan": floorplan} | ({} if survey is None else {"survey": survey})
    return "\n".join(f"{key} = {json.dumps(str(file))}" for key, file in named.items())


def _role(engine: str) -> str:
    return f'role = "satellite"\nengine = {json.dumps(engine)}'


def _http(listen: str, simulator: str | None) -> str:
    controls = [] if simulator is None else [f"simulator = {json.dumps(simulator)}"]
    return "\n".join(["[http]", f"listen = {json.dumps(listen)}", *controls, ""])


def _source(options: Mapping[str, object]) -> str:
    return "\n".join(["[[sources]]", *(f"{key} = {json.dumps(value)}" for key, value in options.items()), ""])


def _standing(line: dict[str, Any]) -> Standing:
    return Standing(line["class"], line["depth"], int(line["next_sequence"]), int(line["acked"]))


_SETTINGS: Final = """\
[store]
tenant = {tenant}
id = {store}
gateway = {gateway}
{role}

[trust]
keys = {{ {key_name} = {public_key} }}

[state]
directory = "state"

[mqtt]
url = {url}

{http}
{sources}"""
