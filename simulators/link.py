"""An MQTT client for the event loop: paho in its own thread, everything it hears handed over to the loop."""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

URL_HELP: Final = "The broker, mqtt[s]://[USER:PASSWORD@]HOST:PORT; SSL_CERT_FILE names the authority of a shop's own."
_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_VERSIONS: Final = (MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311)
_CONNECT_S: Final = 5.0
_KEEPALIVE_S: Final = 15
_RETRY_MIN_S: Final = 1
_RETRY_MAX_S: Final = 2
_QOS: Final = 1


@dataclass(frozen=True, slots=True)
class LinkOptions:
    """How a link connects."""

    client_id: str = ""
    """The broker keeps one connection under an id and ends the earlier one; empty: it makes one up."""
    share: str | None = None
    """The shared subscription to read with others, where the broker has them; else everybody hears everything."""
    window: int | None = None
    """Messages that the broker may have on their way to us (MQTT 5); None: as many as it likes."""
    comes_back: bool = True
    """Whether a lost connection is made again, over and over."""


class Link:
    """A connection that comes back by itself unless told otherwise, MQTT 5 or else 3.1.1.

    Messages reach `on_message(topic, payload, retained)` on the event loop, in order. They are acknowledged to the
    broker when it returned, or when the future that it returned is done, so the broker's own window bounds what waits.
    What is published while the connection is away is dropped: `on_up` is called at every (re)connection, subscribed,
    and publishes anew what must stand.

    Attributes:
        version: The MQTT version that the broker took: 5, or 4 for 3.1.1; 0 before.
        shared: Whether the broker deals the messages out among those who share.
    """

    def __init__(
        self,
        url: str,
        topics: Sequence[str],
        on_message: Callable[[str, bytes, bool], asyncio.Future[None] | None],
        on_up: Callable[[], None],
        options: LinkOptions = LinkOptions(),
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or parts.hostname is None:
            msg = "that is no address of a broker here: write mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS"
            raise ValueError(msg)
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._tls = ssl.create_default_context() if parts.scheme == "mqtts" else None
        self._username, self._password = (part and unquote(part) for part in (parts.username, parts.password))
        self._topics = topics
        self._on_message = on_message
        self._on_up = on_up
        self._options = options
        self._client: Client | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._first: asyncio.Future[ReasonCode] | None = None
        self._closing = False
        self._lost = asyncio.Event()
        self._published = 0
        self._confirmed = 0
        self._connection = 0
        self.version = 0
        self.shared = False

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        for version in _VERSIONS:
            reason = await self._connect(version)
            if reason is not None and not reason.is_failure:
                self.version = int(version)
                return self
            await self._disconnect()
        if reason is None:
            msg = f"no broker answers at {self._host}:{self._port} (silence): is it running?"
            raise ConnectionError(msg)
        msg = f"the broker at {self._host}:{self._port} refuses: {reason}"
        raise ConnectionError(msg)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        await self._disconnect()

    @property
    def up(self) -> bool:
        """Whether the connection stands."""
        # A client that the broker said goodbye to tells so before it counts as not connected.
        return self._client is not None and self._client.is_connected() and not self._lost.is_set()

    async def lost(self) -> None:
        """Return when the connection is away."""
        await self._lost.wait()

    @property
    def in_flight(self) -> int:
        """Messages published that the broker has not acknowledged yet."""
        return self._published - self._confirmed

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> bool:
        """Send with QoS 1; False when the connection is away and the message was dropped."""
        if self._client is None or not self.up:
            return False
        self._published += 1
        self._client.publish(topic, payload, qos=_QOS, retain=retain)
        return True

    async def _connect(self, version: MQTTProtocolVersion) -> ReasonCode | None:
        """The broker's answer; None for silence, which is what some have for properties of MQTT 5."""
        loop = asyncio.get_running_loop()
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._options.client_id,
            protocol=version,
            manual_ack=True,
            reconnect_on_failure=self._options.comes_back,
        )
        if self._username is not None:
            client.username_pw_set(self._username, self._password)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        client.reconnect_delay_set(_RETRY_MIN_S, _RETRY_MAX_S)
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_message = self._heard
        client.on_publish = self._took
        client.on_disconnect = self._left
        self._client, self._first = client, loop.create_future()
        try:
            async with asyncio.timeout(_CONNECT_S):
                asked = self._asked(version)
                await asyncio.to_thread(client.connect, self._host, self._port, _KEEPALIVE_S, properties=asked)
                client.loop_start()
                return await self._first
        except TimeoutError:
            return None
        except ssl.SSLError as error:
            await self._disconnect()
            msg = f"TLS to {self._host}:{self._port} fails ({error}): SSL_CERT_FILE can name the authority to trust"
            raise ConnectionError(msg) from error
        except OSError as error:
            await self._disconnect()
            msg = f"no broker answers at {self._host}:{self._port} ({error}): is it running?"
            raise ConnectionError(msg) from error

    def _asked(self, version: MQTTProtocolVersion) -> Properties | None:
        if version != MQTTProtocolVersion.MQTTv5 or self._options.window is None:
            return None
        properties: Properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.ReceiveMaximum = self._options.window
        return properties

    async def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()
            await asyncio.to_thread(client.loop_stop)

    def _connected(
        self, client: Client, userdata: Any, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self._connection += 1
        if reason.is_failure:
            client.disconnect()  # or else paho tries the same again
            self._hand_over(self._came_up, client, reason)
        elif not self._topics:
            self._hand_over(self._came_up, client, reason)
        else:
            self.shared = self._options.share is not None and _deals(client, properties)
            prefix = f"$share/{self._options.share}/" if self.shared else ""
            client.subscribe([(prefix + topic, _QOS) for topic in self._topics])

    def _subscribed(
        self, client: Client, userdata: Any, mid: int, reasons: list[ReasonCode], properties: Properties | None
    ) -> None:
        self._hand_over(self._came_up, client, max(reasons, key=lambda reason: reason.value))

    def _took(self, client: Client, userdata: Any, mid: int, reason: ReasonCode, properties: Properties | None) -> None:
        self._confirmed += 1  # only paho's thread writes it

    def _left(
        self, client: Client, userdata: Any, flags: DisconnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self._hand_over(self._went_away, client)

    def _heard(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        self._hand_over(self._deliver, client, message, self._connection)

    def _hand_over(self, call: Callable[..., None], *arguments: object) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    def _came_up(self, client: Client, reason: ReasonCode) -> None:
        if client is not self._client:
            return
        if self._first is not None and not self._first.done():
            self._first.set_result(reason)
        if not reason.is_failure:
            self._lost.clear()
            self._on_up()

    def _went_away(self, client: Client) -> None:
        if client is self._client:
            self._lost.set()

    def _deliver(self, client: Client, message: MQTTMessage, connection: int) -> None:
        if client is not self._client or self._closing:
            return
        done = self._on_message(message.topic, bytes(message.payload), bool(message.retain))
        if done is None:
            client.ack(message.mid, message.qos)
        else:
            done.add_done_callback(lambda ended: self._settle(ended, client, message, connection))

    def _settle(self, done: asyncio.Future[None], client: Client, message: MQTTMessage, connection: int) -> None:
        """Acknowledge to the broker, unless the message was given up or came on a connection that is gone."""
        stands = client is self._client and connection == self._connection
        if stands and not done.cancelled() and done.exception() is None:
            client.ack(message.mid, message.qos)


def _deals(client: Client, answer: Properties | None) -> bool:
    """Whether the broker deals messages out among sharers: MQTT 5, unless its CONNACK says no (3.2.2.3.13)."""
    return client.protocol == MQTTProtocolVersion.MQTTv5 and getattr(answer, "SharedSubscriptionAvailable", 1) == 1
