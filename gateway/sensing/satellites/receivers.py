"""The satellites of one source: who lives, and when what they tell was heard."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from gateway.codecs.satellites import Packet, Report
from gateway.sensing.satellites.uptime import Uptime

LATE_S: Final = 10.0
"""What was heard longer ago than this says nothing of now (seconds): it is dropped, and counted."""

Status = Literal["up", "down"]
Why = Literal["hearing", "silent", "offline", "deaf", "no_broker"]


@dataclass(slots=True)
class Satellite:
    """One of them: how it stands and why, since when it said nothing (monotonic s), what it dropped itself.

    `gone_with` names the satellite gateway by which it is heard, where that is gone.
    """

    said_s: float
    status: Status | None = None
    why: Why = "silent"
    dropped: int = 0
    gone_with: str = ""
    uptime: Uptime = field(default_factory=Uptime)


class Receivers:
    """Satellites by the id of their receiver; as many as the settings name."""

    def __init__(self, receivers: Sequence[str], names: Mapping[str, str], silence_s: float, mono_s: float) -> None:
        self.late = 0
        """Packets that came too late to mean anything."""
        self._names = {receiver: receiver for receiver in receivers} | dict(names)
        self._silence_s = silence_s
        self._satellites = {receiver: Satellite(mono_s) for receiver in receivers}

    def __iter__(self) -> Iterator[tuple[str, Satellite]]:
        return iter(self._satellites.items())

    def known(self, name: str) -> str | None:
        """The receiver that a satellite of this name is; None for a stranger's."""
        return self._names.get(name)

    def begin(self, mono_s: float) -> None:
        """There is a broker: every satellite gets its time to speak."""
        for satellite in self._satellites.values():
            satellite.said_s = mono_s

    def take(self, receiver: str, report: Report, mono_s: float) -> list[tuple[Packet, float]]:
        """Note that the satellite lives, or says that it does not; its packets and how old each is (seconds)."""
        satellite = self._satellites[receiver]
        satellite.said_s = mono_s
        satellite.dropped += report.lost
        satellite.status = report.status
        satellite.gone_with = ""
        satellite.why = "hearing" if report.status == "up" else "deaf" if report.sent_ms is not None else "offline"
        if report.sent_ms is not None:
            satellite.uptime.note(report.sent_ms, mono_s)
        aged = [(packet, _age_s(packet, report, satellite.uptime, mono_s)) for packet in report.packets]
        fresh = [(packet, age_s) for packet, age_s in aged if age_s <= LATE_S]
        self.late += len(aged) - len(fresh)
        return fresh

    def leave(self, receivers: Iterable[str], gateway: str) -> None:
        """A satellite gateway is gone, and with it what it heard by."""
        for receiver in receivers:
            satellite = self._satellites[receiver]
            satellite.status, satellite.why, satellite.gone_with = "down", "offline", gateway

    def look(self, mono_s: float) -> None:
        """Who said nothing for too long is down."""
        for satellite in self._satellites.values():
            if satellite.status != "down" and mono_s - satellite.said_s > self._silence_s:
                satellite.status, satellite.why = "down", "silent"

    def lose(self) -> None:
        """There is no broker: none of them is heard."""
        for satellite in self._satellites.values():
            satellite.status, satellite.why = "down", "no_broker"


def _age_s(packet: Packet, report: Report, uptime: Uptime, mono_s: float) -> float:
    if packet.heard_ms is None or report.sent_ms is None:
        return 0.0
    return round(uptime.age_s(packet.heard_ms, report.sent_ms, mono_s), 3)
