"""Satellites: receivers that tell an MQTT broker what they hear, each in the words of its firmware."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from gateway.codecs.adverts import EddystoneUid, IBeacon, decode_payload
from gateway.codecs.satellites.batch import RawPacket, batch, sightings_topic
from gateway.model.store import StoreRef
from simulators.link import Link

SEND_EVERY_S: Final = 0.25
BATCH: Final = 60
SIGN_OF_LIFE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Message:
    """What a satellite publishes."""

    topic: str
    payload: bytes


class BatchingSatellite:
    """What the packages of `firmware-config/esphome` make of an ESP32: a batch every 250 ms, what is too much counted.

    `uptime_ms` is its own clock; it may be wrong in every way.
    """

    def __init__(self, store: StoreRef, receiver: str, uptime_ms: Callable[[], int] | None = None) -> None:
        self._topic = f"{sightings_topic(store)}/{receiver}"
        self._uptime_ms = uptime_ms or _uptime_ms
        self._waiting: list[RawPacket] = []
        self._lost = 0
        self._sent_ms = self._uptime_ms()

    def hear(self, payload: bytes, address: str, rssi_dbm: int) -> bool:
        """A packet arrives at its antenna; False when there is no room for it."""
        if len(self._waiting) >= BATCH:
            self._lost += 1
            return False
        self._waiting.append(RawPacket(payload, address, rssi_dbm, self._uptime_ms()))
        return True

    def message(self) -> Message | None:
        """The next batch; None when nothing was heard and a sign of life is not due."""
        now_ms = self._uptime_ms()
        if not self._waiting and now_ms - self._sent_ms < 1000 * SIGN_OF_LIFE_S:
            return None
        packets, lost = tuple(self._waiting), self._lost
        self._waiting.clear()
        self._lost, self._sent_ms = 0, now_ms
        return Message(self._topic, batch(packets, sent_ms=now_ms, lost=lost))


class Satellites:
    """Satellites of a gateway on one connection, each sending its batches until the context is left."""

    def __init__(self, url: str, store: StoreRef, receivers: Sequence[str]) -> None:
        self._satellites = {receiver: BatchingSatellite(store, receiver) for receiver in receivers}
        self._link = Link(url, (), lambda *_: None, lambda: None)
        self._sending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._link.__aenter__()
        self._sending = asyncio.create_task(self._send(), name="satellites")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait({self._sending})
        await self._link.__aexit__(kind, error, trace)

    def hear(self, receiver: str, payload: bytes, address: str, rssi_dbm: int) -> bool:
        """A packet arrives at the antenna of a satellite; False when it has no room for it."""
        return self._satellites[receiver].hear(payload, address, rssi_dbm)

    async def _send(self) -> None:
        while True:
            for satellite in self._satellites.values():
                if (message := satellite.message()) is not None:
                    self._link.publish(message.topic, message.payload, retain=False)
            await asyncio.sleep(SEND_EVERY_S)


def espresense(room: str, payload: bytes, address: str, rssi_dbm: float) -> Message:
    """What ESPresense 4 publishes of a beacon in `room`.

    Raises:
        ValueError: the packet is of no beacon that it knows.
    """
    match decode_payload(payload).frames:
        case (IBeacon(uuid, major, minor, power_dbm),):
            name = f"iBeacon:{uuid}-{major}-{minor}"
        case (EddystoneUid(power_dbm, namespace, instance),):
            octets = namespace.hex()
            name = f"eddy:{octets[:10]}{octets[8:10]}{octets[10:]}-{instance.hex()}"  # its firmware says one byte twice
        case _:
            msg = "no beacon that ESPresense tells of: give a packet of an iBeacon or Eddystone UID"
            raise ValueError(msg)
    told = {"mac": address.replace(":", "").lower(), "id": name, "rssi@1m": power_dbm, "rssi": rssi_dbm, "rxAdj": 0}
    told |= {"rssiVar": 1.21, "distance": 3.42, "var": 0.11, "int": 204}
    return Message(f"espresense/devices/{name}/{room}", json.dumps(told).encode())


def theengs(name: str, payload: bytes, address: str, rssi_dbm: int) -> Message:
    """What OpenMQTTGateway publishes of a packet of an iBeacon, or of 128-bit service data with `pubadvdata`.

    Raises:
        ValueError: the packet is of neither.
    """
    told: dict[str, object] = {"id": address, "mac_type": 1, "adv_type": 3, "rssi": rssi_dbm}
    match decode_payload(payload).frames:
        case (IBeacon(uuid, major, minor, power_dbm),):
            told |= {"brand": "GENERIC", "model": "iBeacon", "model_id": "IBEACON", "mfid": "4c00"}
            told |= {"uuid": uuid.replace("-", ""), "major": major, "minor": minor, "txpower": power_dbm}
        case (_,) if payload[4] == _SERVICE_DATA_128:
            service = payload[5:21][::-1].hex()
            told["servicedatauuid"] = "-".join(
                (service[:8], service[8:12], service[12:16], service[16:20], service[20:])
            )
            told["servicedata"] = payload[21:].hex()
        case _:
            msg = "neither an iBeacon nor service data of a 128-bit UUID: give a packet of one of these"
            raise ValueError(msg)
    return Message(f"home/{name}/BTtoMQTT/{address.replace(':', '')}", json.dumps(told).encode())


def _uptime_ms() -> int:
    return int(time.monotonic() * 1000)


_SERVICE_DATA_128: Final = 0x21
