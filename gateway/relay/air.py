"""What a satellite's radios hear, told as an ESP32 would: in batches, at once, and never again."""

import asyncio
from dataclasses import dataclass, field
from typing import Final, Literal

from gateway.codecs.satellites.batch import RawPacket, batch, payload_of
from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import BeaconId, BeaconTelemetry, MemberToken, SealedTelemetry, Sighting, Stranger
from gateway.mqtt.message import NotConnected
from gateway.relay.link import Link

SEND_EVERY_S: Final = 0.25
"""How often what was heard is told (seconds)."""
SIGN_OF_LIFE_S: Final = 5.0
"""A receiver that heard nothing says so this often (seconds)."""
MOST_WAITING: Final = 200
"""Packets of a receiver that wait for the next batch; further ones are lost, and counted in it."""


@dataclass(slots=True)
class _Receiver:
    """One receiver: whether it hears, what it heard since its last batch, what was lost, when that batch went."""

    status: Literal["up", "down"] = "up"
    packets: list[RawPacket] = field(default_factory=list)
    lost: int = 0
    sent_s: float = float("-inf")


class Air:
    """Tells for each receiver that ever said something whether it hears, and what. Without a link it counts."""

    def __init__(self, link: Link, topic: str) -> None:
        """Each receiver's batches go to its own id below `topic`."""
        self._link = link
        self._topic = topic
        self._receivers: dict[str, _Receiver] = {}
        self._grown = asyncio.Event()

    @property
    def receivers(self) -> tuple[str, ...]:
        """Those that ever said something."""
        return tuple(self._receivers)

    async def grown(self) -> None:
        """Wait until there is a receiver more than when this was waited for last."""
        await self._grown.wait()
        self._grown.clear()

    def live(self, receiver: str) -> None:
        """A receiver works, whatever it is: unless it says otherwise, it is told as up from now on."""
        self._of(receiver)

    def turn(self, health: ReceiverHealth) -> None:
        """A receiver hears again, or no longer: told with the next batch, which is due at once."""
        receiver = self._of(health.receiver)
        receiver.status, receiver.sent_s = health.status, float("-inf")

    def hear(self, sighting: Sighting) -> None:
        """A packet was heard; what has no signal is none."""
        receiver = self._of(sighting.receiver)
        token, rssi_dbm = sighting.token, sighting.rssi_dbm
        if rssi_dbm is None or not isinstance(
            token, BeaconId | BeaconTelemetry | MemberToken | SealedTelemetry | Stranger
        ):
            return
        if len(receiver.packets) >= MOST_WAITING:
            receiver.lost += 1
            return
        heard_ms = round(1000 * (_mono_s() - sighting.age_s))
        receiver.packets.append(RawPacket(payload_of(token), sighting.address or "", rssi_dbm, heard_ms))

    async def run(self) -> None:
        """Tell what was heard, four times a second, for as long as the satellite lives."""
        while True:
            for name, receiver in self._receivers.items():
                if receiver.packets or _mono_s() - receiver.sent_s >= SIGN_OF_LIFE_S:
                    self._tell(name, receiver)
            await asyncio.sleep(SEND_EVERY_S)

    def leave(self) -> None:
        """The satellite stops: none of its receivers hears."""
        for name, receiver in self._receivers.items():
            receiver.status = "down"
            self._tell(name, receiver)

    def _of(self, name: str) -> _Receiver:
        if name not in self._receivers:
            self._receivers[name] = _Receiver()
            self._grown.set()
        return self._receivers[name]

    def _tell(self, name: str, receiver: _Receiver) -> None:
        now_s = _mono_s()
        packets, receiver.packets = receiver.packets, []
        message = batch(packets, sent_ms=round(1000 * now_s), lost=receiver.lost, status=receiver.status)
        try:
            if not self._link.room:
                raise NotConnected
            self._link.publish_nowait(f"{self._topic}/{name}", message)
        except NotConnected:
            receiver.lost += len(packets)
        else:
            receiver.lost, receiver.sent_s = 0, now_s


def _mono_s() -> float:
    return asyncio.get_running_loop().time()
