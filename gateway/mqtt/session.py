"""A session with head office's broker that lasts as long as the gateway, whatever becomes of its connections.

Every connection begins clean (MQTT 5: clean start, no session expiry). A session kept by the broker would deliver again
what the outbox resends anyway, would let a broker that lost its disk decide what is missing, and would replay stale
documents in the order they came; retained messages and the outbox bring everything that matters after any break.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from gateway.model.health import Condition
from gateway.mqtt.attempts import STEADY_S, Attempt, Attempts, pauses
from gateway.mqtt.connection import Connection, connect
from gateway.mqtt.diagnosis import PART, diagnose
from gateway.mqtt.message import ACCEPTED, LinkLost, Message, NotConnected, Outgoing, Published, Refused
from gateway.mqtt.options import MqttOptions, parse_url, problems

CONNECTED: Final = Condition(PART, "connected", "ok")
UNSTEADY: Final = Condition(
    PART, "unsteady", "warning",
    "connections are made, and end within seconds again and again: is the network good, or has another device "
    "the same settings, or the same card? Brokers end the older of two connections of one name",
)  # fmt: skip

StateOf = Callable[[str, bool], Outgoing]
"""The retained message that says whether the gateway is online, of the session of that id."""


class Session:
    """Connects, tells its state, subscribes, and does it again whenever the link breaks.

    Each connection has a random id of its own, which `state` puts into the birth and into the will, so that a will
    that a broker publishes late can be told from one that is true.
    """

    def __init__(
        self,
        options: MqttOptions,
        *,
        client_id: str,
        state: StateOf | None,
        subscriptions: Sequence[str],
        on_message: Callable[[Message], None],
        report: Callable[[Condition], None],
    ) -> None:
        """Nothing is tried before `run`. Without `state` there is neither a birth nor a will.

        `on_message` is called on the event loop and must not block; what it raises ends `run`.

        Raises:
            ValueError: `options` cannot work (`problems` says why before it comes to this).
        """
        found = problems(options)
        if found:
            raise ValueError("; ".join(f"{each.key}: {each.problem}; {each.hint}" for each in found))
        self._options = options
        self._client_id = client_id
        self._state = state
        self._subscriptions = tuple(subscriptions)
        self._on_message = on_message
        self._report = report
        self._attempts = Attempts(
            [parse_url(url) for url in options.urls], partial(pauses, options.retry_min_s, options.retry_max_s)
        )
        self._connection: Connection | None = None
        self._session_id = ""
        self._online = asyncio.Event()
        self._closing = asyncio.Event()

    @property
    def room(self) -> int:
        """How many messages `publish_nowait` may add to those in flight now; 0 while not connected."""
        return 0 if self._connection is None else self._connection.room

    async def run(self) -> None:
        """Keep a connection until `close`; a broken one is replaced after a jittered, growing pause.

        Raises:
            Exception: whatever `on_message` raised.
        """
        while not self._closing.is_set():
            pause_s = await self._attempt(self._attempts.next())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._closing.wait()

    async def connected(self) -> asyncio.Future[Exception]:
        """Wait for a connection; the future is done once that connection has ended (do not cancel it)."""
        while self._connection is None or self._connection.lost.done():
            self._online.clear()
            await self._online.wait()
        return self._connection.lost

    def publish_nowait(
        self, topic: str, payload: bytes, *, retain: bool = False, content_type: str | None = None
    ) -> asyncio.Future[Published]:
        """Publish at QoS 1 without waiting: the way to keep `room` messages in flight.

        The future gives the broker's PUBACK, or raises `NotConnected` when the link drops before it. A denial (MQTT 5
        only) and a message too large for the broker are answers that are not `accepted`.

        Raises:
            NotConnected: there is no connection.
        """
        return self._present().publish_nowait(Outgoing(topic, payload, retain), content_type)

    async def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        content_type: str | None = None,
        correlation: bytes | None = None,
    ) -> Published:
        """Publish at QoS 1, waiting for room first and for the PUBACK after; `correlation` is what it answers (MQTT 5).

        Raises:
            NotConnected: there is no connection, or it ended before the PUBACK.
        """
        return await self._present().publish(Outgoing(topic, payload, retain, correlation), content_type)

    async def announce(self) -> None:
        """Tell the state anew, because something in it changed; after a break the next connection tells it anyway."""
        if self._connection is not None:
            with contextlib.suppress(NotConnected):
                await self._tell_state(self._connection, online=True)

    async def close(self, deadline_s: float = 5.0) -> None:
        """Say that we are offline, wait until the broker has it, say goodbye, and let `run` end.

        After `deadline_s` seconds the link is cut instead, and the broker publishes the will, which says the same.
        """
        self._closing.set()
        if self._connection is not None:
            await self._say_goodbye(self._connection, deadline_s)

    def _present(self) -> Connection:
        if self._connection is None:
            raise NotConnected("there is no connection to the broker at the moment")
        return self._connection

    async def _attempt(self, attempt: Attempt) -> float:
        """One connection from beginning to end; how long to wait before the next (seconds)."""
        began_s = asyncio.get_running_loop().time()
        self._session_id = secrets.token_hex(8)
        try:
            async with connect(
                attempt,
                self._options,
                client_id=self._client_id,
                will=None if self._state is None else self._state(self._session_id, False),
                on_message=self._on_message,
            ) as connection:
                self._attempts.worked(attempt)
                error = await self._live(connection)
        except (Refused, OSError) as failure:
            pause_s = self._attempts.failed(attempt, failure)
            if pause_s:
                self._report(diagnose(failure, attempt.address))
            return pause_s
        if self._closing.is_set():
            return 0.0
        if not isinstance(error, LinkLost | NotConnected | TimeoutError):
            raise error
        self._report(diagnose(error, attempt.address))
        return self._attempts.ended(attempt, asyncio.get_running_loop().time() - began_s)

    async def _live(self, connection: Connection) -> Exception:
        """Use a connection until it ends, and give back why it did."""
        try:
            refused, told = await self._greet(connection)
        except (NotConnected, TimeoutError) as error:
            return connection.lost.result() if connection.lost.done() else error
        standing = CONNECTED if told.accepted and not refused else _denied(refused, told)
        unsteady = standing is CONNECTED and self._attempts.unsteady
        self._report(UNSTEADY if unsteady else standing)
        if connection.broker is not None:
            self._report(connection.broker)
        if self._closing.is_set():
            await self._say_goodbye(connection, self._options.connect_timeout_s)
            return connection.lost.result()
        self._connection = connection
        self._online.set()
        try:
            await asyncio.wait([connection.lost], timeout=STEADY_S if unsteady else None)
            if not connection.lost.done():
                self._report(CONNECTED)
                await asyncio.wait([connection.lost])
        finally:
            self._connection = None
            self._online.clear()
        return connection.lost.result()

    async def _greet(self, connection: Connection) -> tuple[list[tuple[str, str]], Published]:
        """Subscribe and tell the state; give back the filters refused, and the answer to the state.

        What is retained may come before the answers, and over a slow line takes its time: only silence is too long.

        Raises:
            TimeoutError: the broker says nothing for `connect_timeout_s`.
            NotConnected: the link dropped.
        """

        async def greeting() -> tuple[list[tuple[str, str]], Published]:
            return await connection.subscribe(self._subscriptions), await self._tell_state(connection, online=True)

        now_s = asyncio.get_running_loop().time
        task = asyncio.create_task(greeting(), name="mqtt-greeting")
        try:
            while not task.done():
                patience_s = connection.heard_s + self._options.connect_timeout_s - now_s()
                if patience_s <= 0:
                    raise TimeoutError
                await asyncio.wait([task], timeout=patience_s)
            return task.result()
        finally:
            task.cancel()

    async def _say_goodbye(self, connection: Connection, deadline_s: float) -> None:
        with contextlib.suppress(NotConnected, TimeoutError):
            async with asyncio.timeout(deadline_s):
                await self._tell_state(connection, online=False)
                await connection.disconnect()
        connection.cut()

    async def _tell_state(self, connection: Connection, *, online: bool) -> Published:
        return ACCEPTED if self._state is None else await connection.publish(self._state(self._session_id, online))


def _denied(refused: Sequence[tuple[str, str]], told: Published) -> Condition:
    """The broker let us in but not all the way."""
    if refused:
        topic, reason = refused[0]
        return Condition(
            PART,
            "subscription_refused",
            "error",
            f"the broker refuses {topic} ({reason}); check its ACL",
            {"topic": topic, "said": str(reason)},
        )
    hint = f"the broker refuses the state ({told.reason}); check its ACL"
    return Condition(PART, "state_refused", "error", hint, {"said": told.reason})
