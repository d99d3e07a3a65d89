"""Watching one reader, in a thread of its own: PC/SC's calls block."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.codecs.apdu import TagError
from gateway.sensing.nfc.pcsc import READER_GONE, TAG_GONE, Pcsc, PcscTrouble
from gateway.sensing.nfc.tag import read, serial

WAIT_S: Final = 0.5
"""How long a call waits for a change (seconds), so that a stop is heard: SCardCancel blocks if the daemon hangs."""
RETRY_S: Final = 0.5
"""Between two looks for the daemon or the reader (seconds)."""
_COUNTED_FROM: Final = 16


@dataclass(frozen=True, slots=True)
class Waiting:
    """The reader is there and waits for a tag."""

    reader: str


@dataclass(frozen=True, slots=True)
class Lost:
    """No tag can be read for now: the daemon or the reader is not there."""

    code: str
    hint: str


@dataclass(frozen=True, slots=True)
class Tapped:
    """A tag was read: its message, and what tells it from other tags (its serial number), for the cool-down alone."""

    ndef: bytes
    serial: bytes


@dataclass(frozen=True, slots=True)
class Unread:
    """A tag was there and was not read: why, without what is on it."""

    why: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The watch is over, by a fault of its own."""

    fault: Exception


Seen = Waiting | Lost | Tapped | Unread | Failed


class Watch:
    """Tells what happens on a reader until `stop`; `tell` is called in the thread of the watch."""

    def __init__(self, wanted: str | None, tell: Callable[[Seen], None]) -> None:
        self._wanted = wanted
        self._tell = tell
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nfc", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end."""
        self._stopped.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; False if a call into the reader's driver has not come back by then."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._look()
                self._stopped.wait(RETRY_S)
        except Exception as fault:  # noqa: BLE001 - a thread has nobody else to tell: the source raises it
            self._tell(Failed(fault))

    def _look(self) -> None:
        try:
            with Pcsc() as pcsc:
                self._watch(pcsc)
        except PcscTrouble as trouble:
            self._tell(Lost(trouble.code, trouble.hint))

    def _watch(self, pcsc: Pcsc) -> None:
        """Read every tag that comes, as long as there is a daemon; a reader may go and come."""
        while not self._stopped.is_set():
            try:
                reader = pcsc.find(self._wanted)
                self._tell(Waiting(reader))
                self._watch_reader(pcsc, reader)
            except PcscTrouble as trouble:
                if trouble.code != READER_GONE:
                    raise
                self._tell(Lost(trouble.code, trouble.hint))
                self._stopped.wait(RETRY_S)

    def _watch_reader(self, pcsc: Pcsc, reader: str) -> None:
        """A state counts in its upper half how often a tag came or went: so that one laid down for another is seen."""
        state, there = 0, False
        while not self._stopped.is_set():
            before = state
            state, present, atr = pcsc.wait_for_change(reader, state, WAIT_S)
            if present and (not there or state >> _COUNTED_FROM != before >> _COUNTED_FROM):
                self._read(pcsc, reader, atr)
            there = present

    def _read(self, pcsc: Pcsc, reader: str, atr: bytes) -> None:
        try:
            with pcsc.tag(reader) as tag:
                number = serial(tag.transmit)
                self._tell(Tapped(read(tag.transmit, atr), number))
        except TagError as error:
            self._tell(Unread(str(error)))
        except PcscTrouble as trouble:
            if trouble.code != TAG_GONE:
                raise
            self._tell(Unread("it was taken away too soon"))
