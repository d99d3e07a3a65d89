"""Satellites as a source: their messages become sightings, their lives the health of their receivers."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import replace
from math import inf
from types import TracebackType
from typing import Final, Self

import structlog

from gateway.codecs.satellites import DIALECTS, MOST_MESSAGE_BYTES, NotRead, Packet, Report, life
from gateway.codecs.satellites.life import LIFE
from gateway.codecs.satellites.reading import READINGS, TAKEN, Refusal, Taken, encode_taken
from gateway.model.health import Condition
from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import Sighting, Stranger, Token
from gateway.mqtt.message import Message, NotConnected
from gateway.mqtt.options import MqttOptions
from gateway.mqtt.session import Session
from gateway.sensing.ble.strangers import Strangers
from gateway.sensing.satellites.alignment import Alignment
from gateway.sensing.satellites.lives import Lives
from gateway.sensing.satellites.options import SatelliteOptions
from gateway.sensing.satellites.readings import Readings
from gateway.sensing.satellites.receivers import Receivers, Status
from gateway.sensing.satellites.telling import losing, refusing, standing
from gateway.sensing.source import Sensed, Surroundings

LOOK_EVERY_S: Final = 1.0
"""How often silences are looked for (seconds)."""
MOST_MESSAGES: Final = 500
"""Messages that are read between two looks; the rest is dropped, and counted."""


class SatelliteSource:
    """Yields a sighting for each packet of each satellite, lossy; their receivers' health and readings, never lost.

    A receiver is `up` while its satellite says so, or says anything; `down` without a broker, by its will, by its own
    word, and after a silence: so that nobody "left" because a satellite lost its power.
    """

    timekeeper = None

    def __init__(self, options: SatelliteOptions, broker: MqttOptions, surroundings: Surroundings) -> None:
        """`options` have their topic and silence, `broker` says how to reach who carries the messages."""
        self.name = f"satellites-{options.speaks}"
        self.refused = 0
        """Messages that were not read: malformed, too large, of strangers, or too many."""
        self._part = f"source:{self.name}"
        self._options = options
        self._broker = broker
        self._client_id = f"{surroundings.store.client_id}.{self.name}"
        self._health = surroundings.health
        self._dialect = DIALECTS[options.speaks]
        self._prefix = f"{options.topic}/"
        self._strangers = Strangers()
        self._receivers = Receivers(options.receivers, options.names, options.silence_s or 0.0, 0.0)
        self._alignment = Alignment()
        self._readings = Readings(surroundings.positions, self._receivers.known, self._refuse)
        self._lives = Lives()
        self._session: Session | None = None
        self._told: dict[str, Status] = {}
        self._turned: dict[str, Status] = {}
        self._read = 0
        self._shown: dict[str, Condition] = {}
        self._losses: dict[str, int] = {}
        self._wake = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("satellites")

    async def __aenter__(self) -> Self:
        self._told.clear()
        self._running = asyncio.create_task(self._run(), name=self.name)
        self._running.add_done_callback(lambda _: self._wake.set())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})
            self._running = None

    async def __aiter__(self) -> AsyncIterator[Sensed]:
        while self._running is not None:
            if self._turned:
                yield Sensed(ReceiverHealth(*self._turned.popitem()))
            elif (reading := self._readings.next()) is not None:
                yield reading
            elif (sighting := self._alignment.next(_mono_s())) is not None:
                yield Sensed(sighting, lossy=True)
            elif self._running.done():
                self._running.result()
                return
            else:
                await self._woken()

    def committed(self, positions: Mapping[str, int]) -> None:
        """Satellite gateways hear what is taken of their readings; the air does not resend."""
        for incarnation, taken in self._readings.committed(positions):
            self._answer(incarnation, taken)

    async def _woken(self) -> None:
        """Return when there may be something to yield: a packet is due, a receiver changed, it is over."""
        self._wake.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._alignment.due_s()):
                await self._wake.wait()

    async def _run(self) -> None:
        forwarded = (f"{READINGS}/+", f"{LIFE}/+") if self._options.speaks == "proximity" else ()
        session = self._session = Session(
            self._broker,
            client_id=self._client_id,
            state=None,
            subscriptions=[f"{self._prefix}{each}" for each in (*self._dialect.filters, *forwarded)],
            on_message=self._receive,
            report=self._report_broker,
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(session.run(), name=f"{self.name}:session")
            group.create_task(self._follow(session), name=f"{self.name}:link")

    async def _follow(self, session: Session) -> None:
        """Look at the satellites again and again, for as long as there is a broker; without one all are down."""
        while True:
            lost = await session.connected()
            self._receivers.begin(_mono_s())
            while not lost.done():
                self._look()
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(lost), LOOK_EVERY_S)
            self._receivers.lose()
            self._strangers.forget(inf)  # nobody looks again before there is a broker
            self._look()

    def _look(self) -> None:
        self._read = 0
        self._receivers.look(_mono_s())
        self._strangers.forget(_mono_s())
        for receiver, satellite in self._receivers:
            self._turn(receiver, satellite.status)
            condition = standing(receiver, satellite)
            if self._shown.get(receiver) != condition:
                self._shown[receiver] = condition
                self._health.report(condition)
        self._tell_losses()

    def _turn(self, receiver: str, status: Status | None) -> None:
        if status is not None and self._told.get(receiver) != status:
            self._told[receiver] = self._turned[receiver] = status
            self._wake.set()

    def _receive(self, message: Message) -> None:
        """Called by the session for each message; whatever is in it, it must not raise."""
        self._read += 1
        place = message.topic.removeprefix(self._prefix)
        match place.split("/") if self._options.speaks == "proximity" else ():
            case [level, incarnation] if level == READINGS:
                self._take(incarnation, message)
                return
            case [level, satellite] if level == LIFE:
                self._follow_life(satellite, message)
                return
        report = self._report_in(message)
        if report is None:
            return
        receiver = self._receivers.known(report.satellite)
        if receiver is None:
            self.refused += 1
            return
        heard = self._receivers.take(receiver, report, _mono_s())
        self._turn(receiver, report.status)
        for packet, age_s in heard:
            self._hear(receiver, packet, age_s)
        self._wake.set()

    def _take(self, incarnation: str, message: Message) -> None:
        """A reading of a satellite gateway; one that is not taken comes again."""
        try:
            if self._read > MOST_MESSAGES or len(message.payload) > MOST_MESSAGE_BYTES:
                raise NotRead("too many, or too large")
            taken = self._readings.receive(incarnation, message.payload)
        except NotRead as error:
            self.refused += 1
            self._log.debug("reading_not_taken", source=self.name, reason=str(error))
            return
        if taken is not None:
            self._answer(incarnation, taken)
        self._wake.set()

    def _refuse(self, why: Refusal, receiver: str) -> None:
        count = self._health.count("refused_readings")
        self._health.report(refusing(self._part, count, why, receiver))

    def _follow_life(self, satellite: str, message: Message) -> None:
        """A satellite gateway connected, or is gone: then at once nothing is heard by its receivers."""
        try:
            if self._read > MOST_MESSAGES or len(message.payload) > MOST_MESSAGE_BYTES:
                raise NotRead("too many, or too large")
            told = life.decode(message.payload)
        except NotRead as error:
            self.refused += 1
            self._log.debug("message_not_read", source=self.name, reason=str(error))
            return
        known = [self._receivers.known(each) for each in self._lives.hear(satellite, told)]
        gone = [receiver for receiver in known if receiver is not None]
        self._receivers.leave(gone, satellite)
        for receiver in gone:
            self._turn(receiver, "down")

    def _answer(self, incarnation: str, taken: Taken) -> None:
        """Say how far a stream is taken; where that does not arrive, the satellite asks by sending again."""
        if self._session is not None:
            with suppress(NotConnected):
                self._session.publish_nowait(f"{self._prefix}{TAKEN}/{incarnation}", encode_taken(taken))

    def _report_in(self, message: Message) -> Report | None:
        """What a message says; None where it says nothing of use. What is retained tells who lives, nothing of now."""
        if self._read > MOST_MESSAGES or len(message.payload) > MOST_MESSAGE_BYTES:
            self.refused += 1
            return None
        try:
            report = self._dialect.read(message.topic.removeprefix(self._prefix), message.payload)
        except NotRead as error:
            self.refused += 1
            self._log.debug("message_not_read", source=self.name, reason=str(error))
            return None
        return None if report is not None and message.retained and not report.lasts else report

    def _hear(self, receiver: str, packet: Packet, age_s: float) -> None:
        tokens: tuple[Token, ...] = packet.tokens
        if not tokens and self._options.guests and packet.address is not None:
            tokens = (Stranger(),) if self._strangers.is_due(f"{receiver} {packet.address}", _mono_s()) else ()
        for token in tokens:
            sighting = Sighting("ble", receiver, token, packet.rssi_dbm, packet.address)
            self._alignment.hear(sighting, _mono_s() - age_s)

    def _report_broker(self, condition: Condition) -> None:
        """The session speaks of `mqtt`, which is head office's broker."""
        self._health.report(replace(condition, part=condition.part.replace("mqtt", self._part, 1)))

    def _tell_losses(self) -> None:
        losses = {"lost": self._alignment.lost, "refused": self.refused, "late": self._receivers.late}
        if self._losses and (losses != self._losses or any(losses.values())):
            grown = {name: count - self._losses[name] for name, count in losses.items()}
            self._health.report(losing(self._part, losses, grown))
        self._losses = losses


def _mono_s() -> float:
    return asyncio.get_running_loop().time()
