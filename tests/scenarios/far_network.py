"""A network of the kernel's own between a gateway and its broker: a namespace, a cable, and iptables to spoil it."""

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self

import pytest

PROGRAMS: Final = ("ip", "iptables")
_PATH: Final = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))


class FarNetwork:
    """A namespace that reaches this machine at `near` and nothing else; skips the test where none can be made.

    Attributes:
        near: This machine's address in it, of the range for tests of networks (RFC 2544).
        enter: The words that run a command within the namespace.
    """

    def __init__(self) -> None:
        number = os.getpid() % 16_384
        self._name = f"proximity-{os.getpid()}"
        self._cable = f"prx{os.getpid()}"
        net = f"198.18.{number // 64}.{number % 64 * 4}"
        stem, last = net.rsplit(".", 1)
        self.near = f"{stem}.{int(last) + 1}"
        self._far = f"{stem}.{int(last) + 2}"
        self.enter = ("ip", "netns", "exec", self._name)

    async def __aenter__(self) -> Self:
        if os.geteuid() != 0:
            pytest.skip("only root may make a network namespace")
        missing = [name for name in PROGRAMS if shutil.which(name, path=_PATH) is None]
        if missing:
            pytest.skip(f"not installed: {', '.join(missing)}")
        try:
            await self._make()
            await self._spoil("-m", "statistic", "--mode", "random", "--probability", "0", "-j", "DROP")
            await self.mend()
        except OSError as error:
            await self._unmake()
            pytest.skip(f"this machine makes no network of its own: {error}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._unmake()

    def lose(self, share: float) -> Callable[[], Awaitable[None]]:
        """What loses this share of all packets, either way, from when it is called until `mend`."""

        async def begin() -> None:
            await self._spoil("-m", "statistic", "--mode", "random", "--probability", str(share), "-j", "DROP")

        return begin

    async def reset(self) -> None:
        """Answer every packet of a connection with a reset until `mend`."""
        await self._spoil("-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset")

    async def mend(self) -> None:
        """Let everything pass."""
        await self._run("iptables", "-F")

    async def unplug(self) -> None:
        """Take the cable out: the namespace knows no way to anywhere."""
        await self._run("ip", "link", "set", self._cable, "down")

    async def plug(self) -> None:
        """Put the cable back."""
        await self._run("ip", "link", "set", self._cable, "up")

    async def _make(self) -> None:
        near = f"{self._cable}n"
        await _run("ip", "netns", "add", self._name)
        await _run("ip", "link", "add", near, "type", "veth", "peer", "name", self._cable, "netns", self._name)
        await _run("ip", "address", "add", f"{self.near}/30", "dev", near)
        await _run("ip", "link", "set", near, "up")
        await self._run("ip", "address", "add", f"{self._far}/30", "dev", self._cable)
        await self._run("ip", "link", "set", "lo", "up")
        await self.plug()

    async def _unmake(self) -> None:
        try:
            await _run("ip", "netns", "delete", self._name)  # and the cable with it
        except OSError:
            return

    async def _spoil(self, *rule: str) -> None:
        for chain in ("INPUT", "OUTPUT"):
            await self._run("iptables", "-A", chain, *rule)

    async def _run(self, *words: str) -> None:
        await _run(*self.enter, *words)


async def _run(*words: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *words, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, env={**os.environ, "PATH": _PATH}
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        msg = f"{' '.join(words)}: {said.decode(errors='replace').strip()}"
        raise OSError(msg)
