"""A hand scanner as a source: a sighting for each code that it reads."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from gateway.codecs.keyboard import Layout, retyped
from gateway.codecs.meanings import MarkerCode, ProductCode, meaning_of
from gateway.codecs.scanner_text import read_scanned
from gateway.model.health import Condition
from gateway.model.inputs import ReceiverHealth
from gateway.model.sighting import NFC_WALLET, PASS, CodeText, Sighting
from gateway.sensing.cool_down import CoolDown
from gateway.sensing.scanner.lines import KeyboardLines, Lines, SerialLines
from gateway.sensing.scanner.options import ScannerOptions
from gateway.sensing.source import Sensed, Surroundings

WAITING: Final = 100
"""Codes that may wait for the gateway; beyond it the device is not read, and the kernel keeps what it has room for."""
READ_BYTES: Final = 4096
CUT_SHORT_S: Final = 1.0
"""A code that has not ended after a silence of this long (seconds) is dropped, so that it does not begin the next."""
RETRY_S: Final = 0.5
"""Between two looks for the device (seconds)."""

_OTHER: Final[dict[Layout, Layout]] = {"us": "fr", "fr": "us"}


class ScannerSource:
    """Yields a sighting for each code, never lost, and the receiver's health; the scanner may go and come."""

    timekeeper = None

    def __init__(self, options: ScannerOptions, surroundings: Surroundings, lines: Lines | None = None) -> None:
        self.name = options.receiver
        self._options = options
        self._part = f"source:{options.receiver}"
        self._health = surroundings.health
        keyboard = options.interface == "keyboard"
        self._lines = lines or (KeyboardLines(options.layout) if keyboard else SerialLines(options.baud))
        self._cool_down = CoolDown(options.cool_down_s)
        self._sensed: asyncio.Queue[Sensed] = asyncio.Queue(maxsize=WAITING)
        self._reading: asyncio.Task[None] | None = None
        self._is_up: bool | None = None

    async def __aenter__(self) -> Self:
        self._is_up = None
        self._reading = asyncio.create_task(self._keep_reading(), name=f"scanner:{self.name}")
        self._reading.add_done_callback(self._over)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})
            self._reading = None

    async def __aiter__(self) -> AsyncIterator[Sensed]:
        while self._reading is not None:
            if self._sensed.empty() and self._reading.done():
                self._reading.result()
                return
            yield await self._sensed.get()

    def committed(self, positions: Mapping[str, int]) -> None:
        """Nothing to do: a scanner does not resend."""

    def _over(self, _reading: asyncio.Task[None]) -> None:
        """Nothing is read any more: whoever waits for a code hears it; where the queue is full nobody waits."""
        with suppress(asyncio.QueueFull):
            self._sensed.put_nowait(Sensed(ReceiverHealth(self.name, "down")))

    async def _keep_reading(self) -> None:
        while True:
            try:
                descriptor = self._lines.open(self._options.device)
            except OSError as error:
                await self._turn(up=False, condition=self._trouble(error))
                await asyncio.sleep(RETRY_S)
                continue
            try:
                await self._turn(up=True, condition=Condition(self._part, "waiting_for_code", "ok"))
                await self._read(descriptor)
            finally:
                os.close(descriptor)
                self._lines.forget()

    async def _read(self, descriptor: int) -> None:
        """Read until the device is gone."""
        readable = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(descriptor, readable.set)
        try:
            while True:
                readable.clear()
                try:
                    octets = os.read(descriptor, READ_BYTES)
                except BlockingIOError:
                    await self._silence(readable)
                    continue
                except OSError:
                    return
                if not octets:
                    return
                for line in self._lines.feed(octets):
                    await self._code(line)
        finally:
            loop.remove_reader(descriptor)

    async def _silence(self, readable: asyncio.Event) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(CUT_SHORT_S):
                await readable.wait()
                return
        if self._lines.forget():
            hint = "a code had no end: let the scanner send Enter (CR) after each"
            self._health.report(Condition(f"{self._part}:codes", "cut_short", "warning", hint))
        await readable.wait()

    async def _code(self, line: str) -> None:
        if self._options.interface == "keyboard" and self._is_mistyped(line):
            hint = f"its codes make sense on another keyboard: set the scanner to {self._options.layout!r}, or `layout`"
            self._health.report(
                Condition(f"{self._part}:codes", "wrong_layout", "warning", hint, {"layout": self._options.layout})
            )
            return
        self._health.report(Condition(f"{self._part}:codes", "read", "ok"))
        symbology, text = read_scanned(line)
        if self._cool_down.is_new(text.encode("utf-8", "surrogatepass"), asyncio.get_running_loop().time()):
            passes = self._options.hands_over == "passes"
            sighting = Sighting(
                NFC_WALLET if passes else "code", self.name, CodeText(PASS if passes else symbology, text)
            )
            await self._sensed.put(Sensed(sighting))

    def _is_mistyped(self, line: str) -> bool:
        """Whether the line means nothing, and its keys a product or an address on the other layout."""
        layout = self._options.layout
        if "\ufffd" in line:
            return True
        if isinstance(meaning_of(read_scanned(line)[1]), ProductCode):
            return False
        meant = read_scanned(retyped(line, layout, _OTHER[layout]))[1]
        meaning = meaning_of(meant)
        return isinstance(meaning, ProductCode) or ("://" in meant and isinstance(meaning, MarkerCode))

    async def _turn(self, *, up: bool, condition: Condition) -> None:
        self._health.report(condition)
        if up != self._is_up:
            self._is_up = up
            await self._sensed.put(Sensed(ReceiverHealth(self.name, "up" if up else "down")))

    def _trouble(self, error: OSError) -> Condition:
        device = self._options.device
        named = {"device": str(device)}
        match error.errno:
            case errno.EACCES | errno.EPERM:
                hint = f"{device} may not be read: put the gateway's user into its group (input or dialout)"
                return Condition(self._part, "not_allowed", "error", hint, named)
            case errno.EBUSY:
                hint = f"another program has grabbed {device}: end it"
                return Condition(self._part, "taken", "error", hint, named)
            case errno.ENOTTY | errno.EINVAL:
                hint = f"{device} is no {self._options.interface} device: correct `device` or `interface`"
                return Condition(self._part, "wrong_device", "error", hint, named)
        hint = f"{device} is not there ({error.strerror}): plug it in"
        return Condition(self._part, "no_scanner", "error", hint, named)
