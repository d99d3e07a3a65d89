"""What is said to a broker, what it says back, and how either can fail."""

from dataclasses import dataclass
from typing import Final

SUCCESS: Final = 0x00
NO_MATCHING_SUBSCRIBERS: Final = 0x10
"""A PUBACK reason code that is no failure: the broker took it, nobody listens at the moment (MQTT 5, 3.4.2.1)."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that the broker sent; `retained` = it was kept from before the subscription.

    Who asks for an answer says where, and by what the answer is known again (MQTT 5, 3.3.2.3.5 and 3.3.2.3.6).
    """

    topic: str
    payload: bytes
    retained: bool
    response_topic: str | None = None
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message for the broker to publish; `retain` asks it to keep this as the topic's last word.

    `correlation` is that of the message it answers; MQTT 3.1.1 has none and leaves it out.
    """

    topic: str
    payload: bytes
    retain: bool = False
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A broker's answer to a publish: `reason` is in its own words. Under MQTT 3.1.1 it cannot say no.

    `heard` is False when the broker took it and says that nobody subscribes to it.
    """

    accepted: bool
    reason: str
    heard: bool = True


ACCEPTED: Final = Published(accepted=True, reason="Success")


class NotConnected(ConnectionError):
    """There is no broker, or the link dropped before the PUBACK: whether the message arrived is not known."""


class Refused(Exception):
    """The broker answered CONNECT with a no. `code` is the MQTT 5 reason code, `reason` its words."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"the broker refused the connection: {reason}")
        self.code = code
        self.reason = reason


class LinkLost(ConnectionError):
    """A connection ended that nobody asked to end. `welcomed` = after the broker's CONNACK."""

    def __init__(self, reason: str, *, welcomed: bool) -> None:
        super().__init__(f"the connection to the broker ended: {reason}")
        self.reason = reason
        self.welcomed = welcomed
