"""paho-mqtt on a socket that is open already, so that none of its calls blocks."""

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gateway.mqtt.attempts import Version
from gateway.mqtt.link import Link


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

    def _create_socket(self) -> Link:
        # The one seam of paho that is not public: its own way here blocks, and leaves a socket open when TLS fails.
        return self._opened


def connect_properties(max_packet_bytes: int) -> Properties:
    """Properties for CONNECT: the largest packet that the broker may send (bytes)."""
    properties: Properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
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
