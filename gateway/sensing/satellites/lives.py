"""Which satellite gateways live, by their births and wills: whoever is gone takes its receivers along."""

from typing import Final

from gateway.codecs.satellites.life import MOST_NAME_CHARS, Life

MOST_LIVES: Final = 256
"""Satellites that are known; what a further one says of itself is not heard."""


class Lives:
    """Remembers what each satellite was born with. A will counts for the connection that was born last."""

    def __init__(self) -> None:
        self._births: dict[str, Life] = {}

    def hear(self, satellite: str, life: Life) -> tuple[str, ...]:
        """The receivers that nobody hears any more, by what a satellite, or the broker for it, just said."""
        birth = self._births.get(satellite)
        if not 0 < len(satellite) <= MOST_NAME_CHARS or (birth is None and len(self._births) >= MOST_LIVES):
            return ()
        if life.status == "up":
            self._births[satellite] = life
            return ()
        if birth is None:
            return life.receivers
        return birth.receivers if birth.session == life.session else ()
