"""An NFC reader as a source: a sighting for each tag held to it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Final, Self

import structlog

from gateway.model.health import Condition
from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import NfcTag, Sighting
from gateway.sensing.cool_down import CoolDown
from gateway.sensing.nfc.options import NfcOptions
from gateway.sensing.nfc.watch import Failed, Lost, Seen, Tapped, Unread, Waiting, Watch
from gateway.sensing.source import Sensed, Surroundings

WAITING: Final = 100
"""Taps that may wait for the gateway; beyond it the reader's newest is lost, and said. Nobody taps that fast."""
LEAVE_S: Final = 2.0
"""At the end, how long a call into the reader's driver may take to come back (seconds); then it is left to itself."""


class NfcSource:
    """Yields a sighting for each tag, never lost, and the receiver's health. A tag that stays is one sighting.

    A tag's serial number goes no further than the cool-down, which keeps a salted hash of it.
    """

    timekeeper = None

    def __init__(self, options: NfcOptions, surroundings: Surroundings, watch: type[Watch] = Watch) -> None:
        self.name = options.receiver
        self._options = options
        self._part = f"source:{options.receiver}"
        self._health = surroundings.health
        self._cool_down = CoolDown(options.cool_down_s)
        self._sensed: asyncio.Queue[Sensed] = asyncio.Queue(maxsize=WAITING)
        self._fault: Exception | None = None
        self._watching = watch
        self._watch: Watch | None = None
        self._status: str | None = None
        self._unread = 0
        self._log = structlog.get_logger("nfc")

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()

        def tell(seen: Seen) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._hear, seen)

        self._fault = self._status = None
        self._watch = self._watching(self._options.reader, tell)
        self._watch.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watch is not None:
            self._watch.stop()
            if not await asyncio.to_thread(self._watch.join, LEAVE_S):
                self._log.warning("reader_does_not_answer", receiver=self.name)
            self._watch = None

    async def __aiter__(self) -> AsyncIterator[Sensed]:
        while self._fault is None or not self._sensed.empty():
            yield await self._sensed.get()
        raise self._fault

    def committed(self, positions: Mapping[str, int]) -> None:
        """Nothing to do: a tag does not resend."""

    def _hear(self, seen: Seen) -> None:
        match seen:
            case Waiting(reader):
                self._turn("up")
                self._health.report(Condition(self._part, "waiting_for_tag", "ok", reader, {"reader": reader}))
            case Lost(code, hint):
                self._turn("down")
                self._health.report(Condition(self._part, code, "error", hint))
            case Tapped(ndef, serial):
                now_s = asyncio.get_running_loop().time()
                if self._cool_down.is_new(serial + b"\0" + ndef, now_s):
                    self._put(Sensed(Sighting("nfc", self.name, NfcTag(ndef))))
            case Unread(why):
                self._unread += 1
                hint = f"{self._unread} tags could not be read since the start; the last: {why}"
                self._health.report(Condition(f"{self._part}:tags", "unread", "ok", hint, {"count": self._unread}))
                self._log.debug("tag_unread", receiver=self.name, why=why)
            case Failed(fault):
                self._fault = fault
                self._put(Sensed(ReceiverHealth(self.name, "down")))

    def _turn(self, status: str) -> None:
        if status != self._status:
            self._status = status
            self._put(Sensed(ReceiverHealth(self.name, "up" if status == "up" else "down")))

    def _put(self, sensed: Sensed) -> None:
        try:
            self._sensed.put_nowait(sensed)
        except asyncio.QueueFull:
            hint = f"{WAITING} taps wait already: the gateway is too slow"
            self._health.report(
                Condition(f"{self._part}:tags", "overrun", "warning", hint, {"case": "taps", "count": WAITING})
            )
