"""Head office's commands: given to one gateway, and its answers heard (wire.md, "Commands of head office")."""

import asyncio
import json
import time
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

from gateway.model.store import StoreRef
from simulators.link import Link
from simulators.signer import Signer

LASTS_S: Final = 60.0


class Orders:
    """Gives commands to a gateway while its context is entered.

    Attributes:
        answers: Every answer that came, by the command's id, in order.
    """

    def __init__(self, url: str, store: StoreRef, signer: Signer) -> None:
        self.answers: dict[str | None, list[dict[str, Any]]] = {}
        self._store = store
        self._signer = signer
        self._root = f"proximity/v1/{store.tenant}/{store.store}/{store.gateway}/commands/"
        self._link = Link(url, [f"{self._root}+/result/+"], self._hear, lambda: None)
        self._heard = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            ConnectionError: no broker answers there, or it refuses.
        """
        await self._link.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._link.__aexit__(kind, error, trace)

    def sign(self, name: str, arguments: Mapping[str, object] = {}, *, lasts_s: float = LASTS_S) -> tuple[str, bytes]:
        """A new command: its id and its message."""
        order_id = str(uuid.uuid4())
        return order_id, self._signer.order(self._store, name, order_id, time.time(), lasts_s, arguments)

    def send(self, name: str, message: bytes, *, retain: bool = False) -> None:
        """Send a message as command `name`, whatever is in it."""
        self._link.publish(self._root + name, message, retain=retain)

    async def give(
        self, name: str, arguments: Mapping[str, object] = {}, *, lasts_s: float = LASTS_S, timeout_s: float = 30.0
    ) -> dict[str, Any]:
        """Give a command and wait for its last answer.

        Raises:
            TimeoutError: there was none within `timeout_s` seconds.
        """
        order_id, message = self.sign(name, arguments, lasts_s=lasts_s)
        self.send(name, message)
        while (answer := await self.answer(order_id, timeout_s=timeout_s))["status"] == "started":
            self.answers[order_id].clear()
        return answer

    async def answer(self, order_id: str | None, count: int = 1, timeout_s: float = 30.0) -> dict[str, Any]:
        """The newest answer to a command, once there are `count`.

        Raises:
            TimeoutError: there were fewer within `timeout_s` seconds.
        """
        async with asyncio.timeout(timeout_s):
            while len(self.answers.get(order_id, ())) < count:
                self._heard.clear()
                await self._heard.wait()
        return self.answers[order_id][-1]

    def _hear(self, _topic: str, payload: bytes, _retained: bool) -> None:
        answer = json.loads(payload)
        self.answers.setdefault(answer["id"], []).append(answer)
        self._heard.set()
