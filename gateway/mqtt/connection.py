"""One life of one connection: from an open socket to its end, then never used again.

paho resends by itself what it holds after a reconnect, even into a clean session. Resending is the outbox's work, which
knows what head office has; so every connection gets a fresh paho client, and forgets with it.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.model.health import Condition
from gateway.mqtt.attempts import Attempt
from gateway.mqtt.client import LinkedClient, connect_properties, judge, publish_properties
from gateway.mqtt.dial import Dialled, dial
from gateway.mqtt.link import Link
from gateway.mqtt.message import (
    ACCEPTED,
    SUCCESS,
    LinkLost,
    Message,
    NotConnected,
    Outgoing,
    Published,
    Refused,
)
from gateway.mqtt.options import MqttOptions
from gateway.mqtt.shortcomings import shortcomings

HOUSEKEEPING_S: Final = 1.0
"""How often paho looks whether the link is idle or dead (seconds)."""

UNSURE_WELCOME_S: Final = 3.0
"""A broker that may not know this version of MQTT gets so long to answer CONNECT (seconds)."""

RECEIVE_MAXIMUM: Final = 100
"""How many messages the broker may send before it has our PUBACK for the first (MQTT 5, 3.1.2.11.3)."""

SILENT_KEEPALIVES: Final = 3
"""A broker that for so many keep-alives answers none of the messages in flight never will."""

PING_BYTES: Final = 2
"""As much as a PINGRESP says that a broker lives, not that it does what it is asked."""

FIRST_FAILURE: Final = 0x80
"""Reason codes from here up are failures (MQTT 5, 2.4)."""


@asynccontextmanager
async def connect(
    attempt: Attempt,
    options: MqttOptions,
    *,
    client_id: str,
    will: Outgoing | None,
    on_message: Callable[[Message], None],
) -> AsyncIterator["Connection"]:
    """A connection that the broker has welcomed, cut when the block is left.

    Leaving without `disconnect` lets the broker publish the will, if there is one: the link broke, or the gateway did.

    Raises:
        Refused: the broker's CONNACK says no.
        LinkLost: the broker closed instead of answering.
        OSError: as `dial`; `TimeoutError` after `connect_timeout_s` in all.
    """
    async with asyncio.timeout(options.connect_timeout_s) as deadline:
        dialled = await dial(attempt.address, options)
        with contextlib.closing(dialled.socket):
            connection = Connection(dialled, attempt, options, client_id=client_id, will=will, on_message=on_message)
            try:
                await connection.welcomed(
                    None if attempt.sure else min(UNSURE_WELCOME_S, options.connect_timeout_s / 2)
                )
                deadline.reschedule(None)
                yield connection
            finally:
                connection.cut()


class Connection:
    """What can be done while connected. `lost` is why it ended, `broker` what the broker lacks, once known."""

    def __init__(
        self,
        dialled: Dialled,
        attempt: Attempt,
        options: MqttOptions,
        *,
        client_id: str,
        will: Outgoing | None,
        on_message: Callable[[Message], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[Exception] = self._loop.create_future()
        self.window = options.in_flight
        self.max_packet_bytes: int | None = None
        self.broker: Condition | None = None
        self._v5 = attempt.version == "5"
        self._on_message = on_message
        self._welcome: asyncio.Future[None] = self._loop.create_future()
        self._published: dict[int, asyncio.Future[Published]] = {}
        self._subscribed: dict[int, asyncio.Future[list[ReasonCode]]] = {}
        self._queue: deque[asyncio.Future[None]] = deque()
        self._properties: dict[str, Properties] = {}
        self._watched: int | None = None
        self._writing = self._holding_back = False
        self._housekeeping: asyncio.TimerHandle | None = None
        self._answer_within_s = SILENT_KEEPALIVES * options.keepalive_s
        self._max_incoming_bytes = options.max_incoming_bytes
        self._heard_s = self._answered_s = self._loop.time()
        self._link = Link(dialled.socket)
        self._client = self._new_client(attempt, client_id, will)
        if options.username is not None:
            self._client.username_pw_set(options.username, dialled.password)
        self._begin(attempt, options)

    @property
    def room(self) -> int:
        """How many more messages may be in flight now; 0 while somebody waits in `publish`."""
        return 0 if self._queue else max(0, self.window - len(self._published))

    @property
    def heard_s(self) -> float:
        """When the broker last said more than that it lives (the loop's time, seconds)."""
        return self._heard_s

    async def welcomed(self, patience_s: float | None) -> None:
        """Wait for the broker's CONNACK, at most `patience_s` (seconds).

        Raises:
            Refused: it says no.
            LinkLost: there was none.
        """
        await asyncio.wait([self._welcome], timeout=patience_s)
        if not self._welcome.done():
            self._end(LinkLost("it does not answer CONNECT", welcomed=False))
        await self._welcome

    async def subscribe(self, filters: Sequence[str]) -> list[tuple[str, str]]:
        """Subscribe at QoS 1 and give back the filters that the broker refused, each with its words.

        Raises:
            NotConnected: the link dropped before the SUBACK.
        """
        if not filters:
            return []
        code, mid = self._client.subscribe([(each, 1) for each in filters])
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS or mid is None:
            raise NotConnected("the connection ended before the subscription was asked for")
        answer = self._subscribed[mid] = self._loop.create_future()
        codes = await answer
        if len(codes) != len(filters):
            self._lose(f"it answers {len(codes)} of {len(filters)} subscriptions")
            raise NotConnected("the connection ended before the subscriptions were answered")
        return [(name, str(code)) for name, code in zip(filters, codes, strict=True) if code.value >= FIRST_FAILURE]

    def publish_nowait(self, message: Outgoing, content_type: str | None = None) -> asyncio.Future[Published]:
        """Publish at QoS 1; the future gives the PUBACK, or raises `NotConnected` when the link drops before it.

        A message larger than the broker's limit is not sent (the broker would end the connection) but answered at once.

        Raises:
            NotConnected: the link is gone already.
        """
        if self.lost.done():
            raise NotConnected("the connection has ended")
        answer: asyncio.Future[Published] = self._loop.create_future()
        about = len(content_type or "") + len(message.correlation or b"")
        size = len(message.topic.encode()) + len(message.payload) + 64 + about
        if self.max_packet_bytes is not None and size > self.max_packet_bytes:
            answer.set_result(Published(accepted=False, reason=f"Packet too large: {size} > {self.max_packet_bytes}"))
            return answer
        sent = self._client.publish(
            message.topic, message.payload, 1, message.retain, self._about(message, content_type)
        )
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise NotConnected("the connection ended before the message was sent")
        if not self._published:
            self._answered_s = self._loop.time()
        self._published[sent.mid] = answer
        return answer

    async def publish(self, message: Outgoing, content_type: str | None = None) -> Published:
        """As `publish_nowait`, waiting for room first and for the PUBACK after."""
        await self._wait_for_room()
        return await self.publish_nowait(message, content_type)

    async def disconnect(self) -> None:
        """Say goodbye: the broker then forgets the will."""
        self._client.disconnect()
        await asyncio.shield(self.lost)

    def cut(self) -> None:
        """End without a goodbye, if it has not ended yet."""
        self._lose("cut by the gateway")

    async def _wait_for_room(self) -> None:
        if self.room:
            return
        turn: asyncio.Future[None] = self._loop.create_future()
        self._queue.append(turn)
        try:
            await turn
        finally:
            self._queue.remove(turn)
            self._next_in_queue()

    def _next_in_queue(self) -> None:
        if self._queue and len(self._published) < self.window and not self._queue[0].done():
            self._queue[0].set_result(None)

    def _about(self, message: Outgoing, content_type: str | None) -> Properties | None:
        if not self._v5:
            return None
        if message.correlation is not None:
            return publish_properties(content_type, message.correlation)
        if content_type is None:
            return None
        properties = self._properties.get(content_type)
        if properties is None:
            properties = self._properties[content_type] = publish_properties(content_type)
        return properties

    def _new_client(self, attempt: Attempt, client_id: str, will: Outgoing | None) -> LinkedClient:
        client = LinkedClient(self._link, attempt.version, client_id)
        client.max_inflight_messages_set(0)  # the window is kept here, where waiting for it is possible
        if will is not None:
            client.will_set(will.topic, will.payload, 1, will.retain)
        client.on_connect = self._on_connack
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_puback
        client.on_subscribe = self._on_suback
        client.on_message = self._on_publish
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_register_write
        return client

    def _begin(self, attempt: Attempt, options: MqttOptions) -> None:
        address = attempt.address
        properties = connect_properties(options.max_incoming_bytes, RECEIVE_MAXIMUM) if self._v5 else None
        self._client.connect(address.host, address.port, options.keepalive_s, properties=properties)
        self._watched = self._link.fileno()
        self._loop.add_reader(self._watched, self._read)
        self._housekeeping = self._loop.call_later(HOUSEKEEPING_S, self._keep_house)
        if self._link.decrypted:
            self._loop.call_soon(self._read)

    def _keep_house(self) -> None:
        if self._published and self._loop.time() - self._answered_s > self._answer_within_s:
            self._lose("it takes messages and sends no PUBACK")
        if not self.lost.done():
            self._client.loop_misc()
            self._housekeeping = self._loop.call_later(HOUSEKEEPING_S, self._keep_house)

    def _read(self) -> None:
        if self.lost.done() or self._held_back():
            return
        try:
            if self._link.fill() > PING_BYTES:
                self._heard_s = self._loop.time()
            while self._link.readable and not self.lost.done():
                self._client.loop_read()
                if self._client.incoming_bytes > self._max_incoming_bytes:
                    self._lose(f"it sends {self._client.incoming_bytes} bytes at once, above mqtt.max_incoming_bytes")
        except OSError as error:
            self._break(error)
            return
        except Exception as error:  # noqa: BLE001 - whatever paho trips over in a packet that is none
            self._lose(f"it says what no broker says ({type(error).__name__})")
            return
        if not self.lost.done() and self._link.decrypted:
            self._loop.call_soon(self._read)

    def _held_back(self) -> bool:
        """Whether nothing is read for now: a broker that takes no answers gets no more to answer."""
        if self._watched is not None and self._link.congested:
            self._holding_back = True
            self._loop.remove_reader(self._watched)
            self._loop.add_writer(self._watched, self._write)
        return self._holding_back

    def _on_register_write(self, client: Client, userdata: object, sock: object) -> None:
        # Written at the end of this turn of the loop, so that all that is published in it leaves in one system call.
        if not self._writing:
            self._writing = True
            self._loop.call_soon(self._write)

    def _write(self) -> None:
        self._writing = False
        if self.lost.done():
            return
        try:
            self._client.loop_write()
            self._link.flush()
        except OSError as error:
            self._break(self._link.parting(error))
            return
        if self._watched is None:
            return
        if self._link.unsent or self._client.want_write():
            self._loop.add_writer(self._watched, self._write)
        else:
            self._loop.remove_writer(self._watched)
        if self._holding_back and not self._link.congested:
            self._holding_back = False
            self._loop.add_reader(self._watched, self._read)

    def _on_connack(
        self, client: Client, userdata: object, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if self._welcome.done():
            return
        if reason.is_failure:
            self._welcome.set_exception(Refused(reason.value, str(reason)))
            return
        self.window = min(self.window, getattr(properties, "ReceiveMaximum", self.window))
        self.max_packet_bytes = getattr(properties, "MaximumPacketSize", None)
        self.broker = shortcomings("5" if self._v5 else "3.1.1", properties)
        self._welcome.set_result(None)

    def _on_suback(
        self, client: Client, userdata: object, mid: int, reasons: list[ReasonCode], properties: Properties | None
    ) -> None:
        answer = self._subscribed.pop(mid, None)
        if answer is not None and not answer.done():
            answer.set_result(reasons)

    def _on_puback(
        self, client: Client, userdata: object, mid: int, reason: ReasonCode, properties: Properties | None
    ) -> None:
        answer = self._published.pop(mid, None)
        self._answered_s = self._loop.time()
        if answer is not None and not answer.done():
            answer.set_result(ACCEPTED if reason.value == SUCCESS else judge(reason, properties))
        self._next_in_queue()

    def _on_publish(self, client: Client, userdata: object, message: MQTTMessage) -> None:
        asked = message.properties
        answer = getattr(asked, "ResponseTopic", None), getattr(asked, "CorrelationData", None)
        heard = Message(message.topic, bytes(message.payload), message.retain, *answer)
        try:
            self._on_message(heard)
        except Exception as fault:  # noqa: BLE001 - not swallowed: `lost` carries it to who owns the connection
            self._end(fault)

    def _on_disconnect(
        self, client: Client, userdata: object, flags: DisconnectFlags, reason: ReasonCode, properties: object
    ) -> None:
        self._lose(str(reason))

    def _on_socket_close(self, client: Client, userdata: object, sock: object) -> None:
        self._unwatch()

    def _unwatch(self) -> None:
        if self._watched is not None:
            self._loop.remove_reader(self._watched)
            self._loop.remove_writer(self._watched)
            self._watched = None

    @property
    def _was_welcomed(self) -> bool:
        return self._welcome.done() and not self._welcome.cancelled() and self._welcome.exception() is None

    def _lose(self, reason: str) -> None:
        self._end(LinkLost(reason, welcomed=self._was_welcomed))

    def _break(self, cause: OSError) -> None:
        lost = LinkLost(str(cause), welcomed=self._was_welcomed)
        lost.__cause__ = cause
        self._end(lost)

    def _end(self, error: Exception) -> None:
        if self.lost.done():
            return
        self.lost.set_result(error)
        if self._housekeeping is not None:
            self._housekeeping.cancel()
        self._unwatch()
        self._link.close()
        _settle(self._welcome, error)
        unanswered: list[asyncio.Future[Any]] = [*self._published.values(), *self._subscribed.values(), *self._queue]
        for answer in unanswered:
            _settle(answer, NotConnected("the connection ended before the broker answered"))
        self._published.clear()
        self._subscribed.clear()


def _settle(answer: asyncio.Future[Any], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
        answer.exception()  # seen: an answer that nobody waits for any more is nothing to warn of
