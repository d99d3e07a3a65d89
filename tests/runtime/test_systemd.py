"""What the service manager hears."""

import asyncio
import socket
from pathlib import Path

from gateway.lifetime import unhurried
from gateway.runtime.systemd import Notifier


def heard(channel: socket.socket) -> list[str]:
    words = []
    while True:
        try:
            words.append(channel.recv(100).decode())
        except BlockingIOError:
            return words


def test_ready_watchdog_and_stopping_reach_the_socket(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(address)
        channel.setblocking(False)
        instants = iter([0.0, 1.0, 5.0, 5.1])
        notifier = Notifier(address, watchdog_s=15.0, mono=lambda: next(instants))
        notifier.ready()
        for _ in range(4):
            notifier.alive()
        notifier.stopping()
        assert heard(channel) == ["READY=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]


def test_an_abstract_address_is_understood() -> None:
    name = "proximity-gateway-notify-test"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind("\0" + name)
        channel.setblocking(False)
        Notifier.from_environ({"NOTIFY_SOCKET": "@" + name}).ready()
        assert heard(channel) == ["READY=1"]


def test_it_is_silent_where_nobody_listens(tmp_path: Path) -> None:
    for environ in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone"), "WATCHDOG_USEC": "15000000"}):
        notifier = Notifier.from_environ(environ)
        notifier.ready()
        notifier.alive()
        notifier.stopping()


async def test_a_start_is_told_to_go_on_until_it_is_over(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(address)
        channel.setblocking(False)
        notifier = Notifier(address)
        async with unhurried(notifier):
            await asyncio.sleep(0)
            assert heard(channel) == ["EXTEND_TIMEOUT_USEC=60000000"]
            notifier.ready()
        async with unhurried(notifier):
            await asyncio.sleep(0)
        assert heard(channel) == ["READY=1"]
