"""Which broker to try next, in which version of MQTT, after how long."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from gateway.mqtt.message import LinkLost, Refused
from gateway.mqtt.options import BrokerAddress

Version = Literal["5", "3.1.1"]

UNSUPPORTED_VERSION: Final = 0x84
"""The reason code of a broker that does not speak the version asked for (MQTT 5, 3.2.2.2)."""

STEADY_S: Final = 30.0
"""A connection that lived this long proves the broker well: the next pause is a short one again."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One connection to make."""

    address: BrokerAddress
    version: Version


class Attempts:
    """The order of attempts: every broker once a round, a pause after each round, MQTT 5 before 3.1.1.

    Older brokers answer MQTT 5 with "Unsupported protocol version" or just close, so either leads to 3.1.1 at the same
    broker at once. The version that worked is remembered for each broker, until it is refused itself.
    """

    def __init__(self, addresses: Sequence[BrokerAddress], pauses: Callable[[], Iterator[float]]) -> None:
        """`pauses` begins a new row of pauses, in seconds, that grow and never end."""
        self._addresses = tuple(addresses)
        self._pauses = pauses
        self._pause = pauses()
        self._turn = 0
        self._worked: dict[BrokerAddress, Version] = {}
        self._fallback = False

    def next(self) -> Attempt:
        """What to try now."""
        address = self._addresses[self._turn]
        version: Version = "3.1.1" if self._fallback else self._worked.get(address, "5")
        return Attempt(address, version)

    def worked(self, attempt: Attempt) -> None:
        """The broker let us in."""
        self._worked[attempt.address] = attempt.version
        self._fallback = False

    def failed(self, attempt: Attempt, error: Exception) -> float:
        """The broker could not be reached or said no: how long to wait before the next attempt (seconds)."""
        if attempt.version == "5" and _unversed(error):
            self._fallback = True
            return 0.0
        if _unversed(error):
            self._worked.pop(attempt.address, None)
        self._fallback = False
        self._turn = (self._turn + 1) % len(self._addresses)
        return 0.0 if self._turn else next(self._pause)

    def ended(self, lived_s: float) -> float:
        """A connection ended after `lived_s`: how long to wait before the next (seconds)."""
        if lived_s >= STEADY_S:
            self._pause = self._pauses()
        return next(self._pause)


def _unversed(error: Exception) -> bool:
    """Whether this is how a broker acts that does not know the version."""
    match error:
        case Refused(code=code):
            return code == UNSUPPORTED_VERSION
        case LinkLost(welcomed=welcomed, __cause__=cause):
            return not welcomed and (cause is None or isinstance(cause, ConnectionResetError))
    return False
