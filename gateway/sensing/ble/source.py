"""A Bluetooth receiver as a source: scanning for as long as there is a radio, and saying when there is none."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Final, Literal, Self

import structlog
from bleak.backends.scanner import AdvertisementData

from gateway.model.health import Condition
from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import Sighting, Stranger, Token
from gateway.runtime.supervise import backoff
from gateway.sensing.ble.bluez import AdapterState, Bluez, asking_bluez
from gateway.sensing.ble.options import BleOptions
from gateway.sensing.ble.scan import Scan
from gateway.sensing.ble.silence import Silence
from gateway.sensing.ble.strangers import Strangers
from gateway.sensing.ble.transmitters import Transmitters
from gateway.sensing.ble.trouble import RadioTrouble
from gateway.sensing.source import Sensed, Surroundings

WAITING: Final = 2_000
"""Sightings that may wait for the gateway; beyond it the oldest is lost, and counted."""
LOOK_EVERY_S: Final = 1.0
"""How often BlueZ is asked whether the adapter still scans (seconds)."""
UNSURE_LOOKS: Final = 2
"""BlueZ restarts discoveries by itself: one that is off at this many looks in a row is lost."""
COMPLETE_EVERY_LOOKS: Final = 5
"""With one scan only, the other is tried again this often."""
FORGET_EVERY_LOOKS: Final = 10
"""Addresses that are of no use any more are forgotten this often."""
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 5.0
"""Between two attempts to scan (seconds)."""


class BleSource:
    """Yields a sighting for each frame heard, lossy, and the receiver's health, never lost.

    The receiver is `up` while it scans so that its silence means something: with an active scan, and having heard
    something since that began if it ever did before. In every other state it is `down`, so that nobody "left" for it.
    """

    timekeeper = None

    def __init__(self, options: BleOptions, surroundings: Surroundings) -> None:
        self.name = options.receiver
        self.lost = 0
        """Sightings that found too many waiting."""
        self._part = f"source:{options.receiver}"
        self._options = options
        self._health = surroundings.health
        self._transmitters = Transmitters()
        self._strangers = Strangers()
        self._silence = Silence(options.silence_s)
        self._scan: Scan | None = None
        self._unstopped: Scan | None = None
        self._heard: deque[Sighting] = deque()
        self._lost_told = 0
        self._wake = asyncio.Event()
        self._status: Literal["up", "down"] | None = None
        self._told: Literal["up", "down"] | None = None
        self._scanning: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("ble")

    async def __aenter__(self) -> Self:
        self._scan = self._status = self._told = None
        self._scanning = asyncio.create_task(self._keep_scanning(), name=f"ble:{self.name}")
        self._scanning.add_done_callback(lambda _: self._wake.set())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._scanning is not None:
            self._scanning.cancel()
            await asyncio.wait({self._scanning})
            self._scanning = None

    async def __aiter__(self) -> AsyncIterator[Sensed]:
        while self._scanning is not None:
            if self._heard:
                yield Sensed(self._heard.popleft(), lossy=True)
            elif self._status is not None and self._status != self._told:
                self._told = self._status
                yield Sensed(ReceiverHealth(self.name, self._status))
            elif self._scanning.done():
                self._scanning.result()
                return
            else:
                self._wake.clear()
                await self._wake.wait()

    def committed(self, positions: Mapping[str, int]) -> None:
        """Nothing to do: the air does not resend."""

    async def _keep_scanning(self) -> None:
        pauses = backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S)
        while True:
            try:
                async with asking_bluez() as bluez:
                    await self._scan_until_trouble(bluez)
            except RadioTrouble as trouble:
                self._turn("down")
                self._health.report(trouble.condition(self._part))
            if self._scan is not None:
                self._scan = None
                pauses = backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S)
            self._forget_old()
            await asyncio.sleep(next(pauses))

    async def _scan_until_trouble(self, bluez: Bluez) -> None:
        adapter = await bluez.find(self._options.adapter)
        if self._unstopped is not None and await self._unstopped.stop():
            self._unstopped = None
        scan = Scan(adapter.name, self._hear)
        self._silence.begin(_mono_s())
        try:
            await scan.start()
            self._scan = scan
            await self._look_after(scan, adapter, bluez)
        finally:
            if not await scan.stop():
                self._unstopped = scan

    async def _look_after(self, scan: Scan, adapter: AdapterState, bluez: Bluez) -> None:
        """Judge the scan again and again, until it is of no use.

        Raises:
            RadioTrouble: it is.
        """
        looks = unsure = 0
        told = None
        while True:
            state = await bluez.state(adapter.name)
            active = scan.mode != "passive_only"
            unsure = unsure + 1 if active and not state.discovering else 0
            if state.bluetoothd != adapter.bluetoothd or unsure >= UNSURE_LOOKS:
                raise RadioTrouble("scan_lost", f"BlueZ ended the scan of {adapter.name}; it is started again")
            if self._silence.suspicious(_mono_s()):
                raise self._silent(adapter.name)
            looks += 1
            if scan.mode != "both" and looks % COMPLETE_EVERY_LOOKS == 0:
                await scan.complete()
            if looks % FORGET_EVERY_LOOKS == 0:
                self._forget_old()
            if scan.mode != told and not unsure:
                told = scan.mode
                self._tell_mode(scan, adapter.name)
            self._judge()
            self._tell_lost()
            await asyncio.sleep(LOOK_EVERY_S)

    def _silent(self, adapter: str) -> RadioTrouble:
        hint = f"{adapter} hears nothing for {self._silence.limit_s:.0f} s, though it did before; it is started again."
        hint += " In an empty shop this is right: a fixed beacon near the receiver makes the difference"
        return RadioTrouble("silent", hint, "warning", {"adapter": adapter, "silence_s": self._silence.limit_s})

    def _hear(self, advertisement: AdvertisementData, address: str) -> None:
        self._silence.hear(_mono_s())
        if self._status == "down":
            self._judge()
        if not -127 < advertisement.rssi <= 20:
            return
        exact = self._scan is not None and self._scan.mode != "passive_only"
        now_s = _mono_s()
        tokens: tuple[Token, ...] = self._transmitters.tokens(advertisement, now_s, exact=exact)
        wanted = self._options.guests or self._options.devices
        if not tokens and wanted and self._strangers.is_due(address, now_s):
            tokens = (Stranger(),)
        for token in tokens:
            if len(self._heard) >= WAITING:
                self._heard.popleft()
                self.lost += 1
            self._heard.append(Sighting("ble", self.name, token, float(advertisement.rssi), address))
            self._wake.set()

    def _forget_old(self) -> None:
        self._transmitters.forget(_mono_s())
        self._strangers.forget(_mono_s())

    def _judge(self) -> None:
        if self._scan is None:
            return
        telling = self._scan.mode != "passive_only"
        self._turn("up" if telling and (self._silence.heard_now or not self._silence.heard_before) else "down")

    def _turn(self, status: Literal["up", "down"]) -> None:
        if status != self._status:
            self._status = status
            self._wake.set()

    def _tell_mode(self, scan: Scan, adapter: str) -> None:
        named = {"adapter": adapter}
        match scan.mode:
            case "both":
                condition = Condition(self._part, "scanning", "ok", f"{adapter} tells every packet", named)
            case "active_only":
                hint = f"{adapter} may tell a beacon once in ten seconds only: start bluetoothd with --experimental"
                condition = Condition(self._part, "active_only", "warning", f"{hint} ({scan.why_not_passive})", named)
            case _:
                hint = f"{adapter} tells changes only, while another program's scan is in the way: end that program"
                condition = Condition(self._part, "passive_only", "warning", hint, named)
        self._health.report(condition)
        self._log.info("scanning", receiver=self.name, adapter=adapter, mode=scan.mode)

    def _tell_lost(self) -> None:
        part = f"{self._part}:queue"
        if self.lost > self._lost_told:
            hint = f"{self.lost} packets lost so far: the gateway is too slow for what {self.name} hears"
            self._health.report(Condition(part, "overrun", "warning", hint, {"count": self.lost}))
        elif self.lost:
            self._health.report(Condition(part, "flowing", "ok"))
        self._lost_told = self.lost


def _mono_s() -> float:
    return asyncio.get_running_loop().time()
