"""paho-mqtt on a socket that is open already, so that none of its calls blocks."""

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.mqtt.attempts import Version
from gateway.mqtt.link import Link
from gateway.mqtt.message import NO_MATCHING_SUBSCRIBERS, Published


class LinkedClient(Client):
    """A client for one connection over `link`, beginning clean; it never reconnects by itself."""

    def __init__(self, link: Link, version: Version, client_id: str) -> None:
        v5 = version == "5"
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id,
            clean_session=None if v5 else True,
            protocol=MQTTProtocolVersion.MQTTv5 if v5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        self._opened = link

    @property
    def incoming_bytes(self) -> int:
        """How long the packet says it is that is just being read (bytes); 0 between packets."""
        length: int = self._in_packet["remaining_length"]
        return length

    def _create_socket(self) -> Link:
        # The one seam of paho that is not public: its own way here blocks, and leaves a socket open when TLS fails.
        return self._opened


def connect_properties(max_packet_bytes: int, receive_maximum: int) -> Properties:
    """Properties for CONNECT: the largest packet (bytes) and how many unacknowledged ones the broker may send."""
    properties: Properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.ReceiveMaximum = receive_maximum
    properties.MaximumPacketSize = max_packet_bytes
    return properties


def publish_properties(content_type: str | None, correlation: bytes | None = None) -> Properties:
    """Properties for PUBLISH: the media type of the payload, and what the message answers."""
    properties: Properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    if content_type is not None:
        properties.ContentType = content_type
    if correlation is not None:
        properties.CorrelationData = correlation
    return properties


def judge(reason: ReasonCode, properties: Properties | None) -> Published:
    """What a PUBACK says, in the broker's own words."""
    words = str(reason)
    explanation = getattr(properties, "ReasonString", "")
    if explanation:
        words = f"{words}: {explanation}"
    heard = reason.value != NO_MATCHING_SUBSCRIBERS
    return Published(accepted=not heard or not reason.is_failure, reason=words, heard=heard)
