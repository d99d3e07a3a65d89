"""Which broker to try next, in which version of MQTT, after how long."""

import random
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

UNSTEADY: Final = 3
"""So many connections in a row that did not live so long are no chance."""

YOUNG_S: Final = 300.0
"""For so long an outage is young (seconds of pauses): most end within minutes, and are to be noticed soon."""

YOUNG_PAUSE_S: Final = 8.0
"""The longest pause of a young outage (seconds): a broker that is back is found within this."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One connection to make; `sure` = this broker has taken this version before."""

    address: BrokerAddress
    version: Version
    sure: bool = False


class Attempts:
    """The order of attempts: every broker once a round, a pause after each round, MQTT 5 before 3.1.1.

    A broker that does not know MQTT 5 says so, just closes, or waits for more. Each leads to 3.1.1 at the same broker
    at once, the last two only until the broker has taken 5 for the first time: later they mean trouble. What worked is
    remembered for each broker, until it is refused itself; a 3.1.1 that was guessed, until it was used for a while.
    A connection that ended is followed by one to the next broker: the node may be gone with its machine.
    """

    def __init__(self, addresses: Sequence[BrokerAddress], pauses: Callable[[], Iterator[float]]) -> None:
        """`pauses` begins a new row of pauses, in seconds, that grow and never end."""
        self._addresses = tuple(addresses)
        self._pauses = pauses
        self._pause = pauses()
        self._turn = 0
        self._worked: dict[BrokerAddress, Version] = {}
        self._fallback: Exception | None = None
        self._guessed = False
        self._short_lives = 0

    @property
    def unsteady(self) -> bool:
        """Whether connections were made and ended again and again."""
        return self._short_lives >= UNSTEADY

    def next(self) -> Attempt:
        """What to try now."""
        address = self._addresses[self._turn]
        if self._fallback is not None:
            return Attempt(address, "3.1.1")
        return Attempt(address, self._worked.get(address, "5"), sure=address in self._worked)

    def worked(self, attempt: Attempt) -> None:
        """The broker let us in."""
        self._worked[attempt.address] = attempt.version
        if not attempt.sure:
            self._guessed = isinstance(self._fallback, LinkLost)
        self._fallback = None

    def failed(self, attempt: Attempt, error: Exception) -> float:
        """The broker could not be reached or said no: how long to wait before the next attempt (seconds)."""
        if _unsupported(error):
            self._worked.pop(attempt.address, None)
        if attempt.version == "5" and (_unsupported(error) or (_unanswered(error) and not attempt.sure)):
            self._fallback = error
            return 0.0
        if attempt.version == "3.1.1" and _unanswered(error):
            self._worked.pop(attempt.address, None)
        self._fallback = None
        self._turn = (self._turn + 1) % len(self._addresses)
        return 0.0 if self._turn else next(self._pause)

    def ended(self, attempt: Attempt, lived_s: float) -> float:
        """A connection ended after `lived_s`: how long to wait before the next (seconds)."""
        self._short_lives = 0 if lived_s >= STEADY_S else self._short_lives + 1
        if lived_s >= STEADY_S:
            self._pause = self._pauses()
            if self._guessed and attempt.version == "3.1.1":
                self._worked.pop(attempt.address, None)
        self._turn = (self._turn + 1) % len(self._addresses)
        return next(self._pause)


def pauses(first_s: float, most_s: float, chance: Callable[[], float] = random.random) -> Iterator[float]:
    """Pauses of an outage (seconds): doubling, to `YOUNG_PAUSE_S` while it is young and then on to `most_s`.

    Each is between half and the whole of that by `chance` (0 to 1), so that a fleet does not come back as one.
    """
    pause_s, waited_s = first_s, 0.0
    while True:
        jittered_s = pause_s * (0.5 + 0.5 * chance())
        yield jittered_s
        waited_s += jittered_s
        pause_s = min(2 * pause_s, most_s if waited_s >= YOUNG_S else min(most_s, max(first_s, YOUNG_PAUSE_S)))


def _unsupported(error: Exception) -> bool:
    """Whether the broker said that it does not know the version."""
    return isinstance(error, Refused) and error.code == UNSUPPORTED_VERSION


def _unanswered(error: Exception) -> bool:
    """Whether the broker closed or was silent instead of answering CONNECT; a broken TLS is another matter."""
    if not isinstance(error, LinkLost) or error.welcomed:
        return False
    return error.__cause__ is None or isinstance(error.__cause__, ConnectionResetError)
