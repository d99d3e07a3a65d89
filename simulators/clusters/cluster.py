"""A cluster: three nodes that are one broker, on free ports of the loopback, in a folder that goes with it."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from simulators.broker import BrokerError
from simulators.clusters import nats, rabbitmq
from simulators.clusters.node import Node
from simulators.link import Link, LinkOptions

ClusterName = Literal["nats", "rabbitmq"]

NODES: Final = 3

_READY_S: Final = 120.0
_POLL_S: Final = 0.5
_LOG_TAIL: Final = 2_000
_READY: Final = "proximity/ready"

_KINDS: Final[dict[ClusterName, tuple[Callable[[Path, int], Sequence[Node]], Callable[[], str | None]]]] = {
    "nats": (nats.nodes, nats.why_not),
    "rabbitmq": (rabbitmq.nodes, rabbitmq.why_not),
}


def why_not(name: ClusterName) -> str | None:
    """Why no such cluster can be made here; None when one can."""
    return _KINDS[name][1]()


class Cluster:
    """Three nodes as child processes that do not outlive us; it is entered once each of them takes clients.

    Attributes:
        name: `nats` or `rabbitmq`.
        urls: The address of each node, for a gateway's `mqtt.url`.
    """

    def __init__(self, name: ClusterName) -> None:
        self.name: ClusterName = name
        self.urls: tuple[str, ...] = ()
        self._nodes: Sequence[Node] = ()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    async def __aenter__(self) -> Self:
        """Start it.

        Raises:
            BrokerError: it is not installed, or a node took no client within two minutes.
        """
        problem = why_not(self.name)
        if problem is not None:
            raise BrokerError(problem)
        self._folder = tempfile.TemporaryDirectory(prefix="proximity-cluster-", ignore_cleanup_errors=True)
        self._nodes = _KINDS[self.name][0](Path(self._folder.name), NODES)
        self.urls = tuple(node.url for node in self._nodes if node.port)
        try:
            for node in self._nodes:
                await node.start()
                if node.first:
                    await self._taking(node)
            for node in self._nodes:
                await self._taking(node)
            await self._united()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def kill(self, number: int) -> None:
        """End the node at `urls[number]` as a power cut would; the others go on."""
        await self._at(number).kill()

    async def start(self, number: int) -> None:
        """Start that node again, and return when it takes clients."""
        await self._at(number).start()
        await self._taking(self._at(number))

    def _at(self, number: int) -> Node:
        return next(node for node in self._nodes if node.url == self.urls[number])

    async def _taking(self, node: Node) -> None:
        """Return when a client can subscribe there."""
        if not node.port:
            return
        try:
            async with asyncio.timeout(_READY_S):
                while not await _takes(node):
                    if not node.running:
                        raise self._failure(node, "ended at once")
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise self._failure(node, f"took no client within {_READY_S:.0f} s") from None

    async def _united(self) -> None:
        """Return when what is said at each node is heard at the last: they are one broker."""
        heard: set[bytes] = set()

        def hear(_topic: str, payload: bytes, _retained: bool) -> None:
            heard.add(payload)

        try:
            async with AsyncExitStack() as stack, asyncio.timeout(_READY_S):
                await stack.enter_async_context(Link(self.urls[-1], (_READY,), hear, _unheard))
                links = [await stack.enter_async_context(Link(url, (), _unheard, _unheard)) for url in self.urls]
                while len(heard) < len(links):
                    for number, link in enumerate(links):
                        link.publish(_READY, b"%d" % number, retain=False)
                    await asyncio.sleep(_POLL_S)
        except (TimeoutError, ConnectionError):
            raise self._failure(self._nodes[-1], "does not hear what is said at the others") from None

    def _failure(self, node: Node, what: str) -> BrokerError:
        tail = node.log.read_text(errors="replace")[-_LOG_TAIL:]
        return BrokerError(f"node {node.name} of {self.name} {what}; the end of its log:\n{tail}")

    async def _end(self) -> None:
        await asyncio.gather(*(node.stop() for node in self._nodes if node.port))
        await asyncio.gather(*(node.stop() for node in self._nodes if not node.port))
        if self._folder is not None:
            self._folder.cleanup()


async def _takes(node: Node) -> bool:
    try:
        async with Link(node.url, (_READY,), _unheard, _unheard, LinkOptions(comes_back=False)):
            return True
    except ConnectionError:
        return False


def _unheard(*_: object) -> None:
    """Nothing is said there."""
