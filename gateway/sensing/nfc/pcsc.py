"""PC/SC as it is needed here: which readers there are, whether a tag lies on one, and talking to it. Every call blocks.

Source: PC/SC 2.01.09 part 5; pcsc-lite's winscard.h. pyscard's own monitors hide when the daemon is gone, so that its
low level is used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Self

READER_GONE: Final = "no_reader"
TAG_GONE: Final = "tag_gone"


class PcscTrouble(Exception):
    """The daemon, the reader or the tag is not there: `code` for the condition, `hint` for a person."""

    def __init__(self, code: str, hint: str) -> None:
        super().__init__(hint)
        self.code = code
        self.hint = hint


class Pcsc:
    """A conversation with pcscd, for the length of a `with`."""

    def __init__(self) -> None:
        try:
            from smartcard import scard  # noqa: PLC0415 - an extra that a gateway without NFC does without
        except ImportError as missing:
            hint = "the gateway was installed without NFC: sudo make install WITH=nfc"
            raise PcscTrouble("no_pyscard", hint) from missing
        self._scard: Any = scard
        self._context: Any = None

    def __enter__(self) -> Self:
        code, self._context = self._scard.SCardEstablishContext(self._scard.SCARD_SCOPE_SYSTEM)
        self._check(code)
        return self

    def __exit__(self, *_: object) -> None:
        self._scard.SCardReleaseContext(self._context)

    def find(self, wanted: str | None) -> str:
        """The name of the first reader whose name has `wanted` in it.

        Raises:
            PcscTrouble: there is none.
        """
        code, names = self._scard.SCardListReaders(self._context, [])
        if code != self._scard.SCARD_E_NO_READERS_AVAILABLE:
            self._check(code)
        found: str | None = next((name for name in names if wanted is None or wanted in name), None)
        if found is None:
            named = "an NFC reader" if wanted is None else f"a reader named {wanted!r}"
            raise PcscTrouble(READER_GONE, f"there is not {named}: plug it in; `pcsc_scan` shows what there is")
        return found

    def wait_for_change(self, reader: str, last: int, timeout_s: float) -> tuple[int, bool, bytes]:
        """The reader's state once it is not `last` (0 = whatever it is now), whether a tag lies on it, its ATR.

        Raises:
            PcscTrouble: the reader or the daemon is gone.
        """
        scard = self._scard
        code, states = scard.SCardGetStatusChange(self._context, round(timeout_s * 1000), [(reader, last)])
        if code == scard.SCARD_E_TIMEOUT:
            return last, bool(last & scard.SCARD_STATE_PRESENT), b""
        self._check(code)
        _, state, atr = states[0]
        if state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE):
            raise PcscTrouble(READER_GONE, f"{reader} was unplugged: plug it in")
        return state & ~scard.SCARD_STATE_CHANGED, bool(state & scard.SCARD_STATE_PRESENT), bytes(atr)

    @contextmanager
    def tag(self, reader: str) -> Iterator["TagOnReader"]:
        """The tag on the reader, for the length of a `with`.

        Raises:
            PcscTrouble: it is gone, or the reader is.
        """
        scard = self._scard
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, card, protocol = scard.SCardConnect(self._context, reader, scard.SCARD_SHARE_SHARED, protocols)
        self._check(code)
        try:
            yield TagOnReader(self, card, protocol)
        finally:
            scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)

    def transmit(self, card: Any, protocol: int, command: bytes) -> bytes:
        """The answer to a command."""
        header = self._scard.SCARD_PCI_T0 if protocol == self._scard.SCARD_PROTOCOL_T0 else self._scard.SCARD_PCI_T1
        code, answer = self._scard.SCardTransmit(card, header, list(command))
        self._check(code)
        return bytes(octet & 0xFF for octet in answer)

    def _check(self, code: int) -> None:
        scard = self._scard
        if code == scard.SCARD_S_SUCCESS:
            return
        says = scard.SCardGetErrorMessage(code)
        if code in {scard.SCARD_W_REMOVED_CARD, scard.SCARD_E_NO_SMARTCARD, scard.SCARD_W_RESET_CARD} or code in {
            scard.SCARD_W_UNPOWERED_CARD,
            scard.SCARD_W_UNRESPONSIVE_CARD,
            scard.SCARD_E_NOT_TRANSACTED,
        }:
            raise PcscTrouble(TAG_GONE, says)
        if code in {scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE}:
            raise PcscTrouble(READER_GONE, f"{says} Plug the reader in")
        way = "`systemctl status pcscd.socket pcscd`; where it denies access, sudo make install WITH=nfc gives it"
        raise PcscTrouble("no_pcscd", f"{says} See {way}")


class TagOnReader:
    """A tag that lies on a reader."""

    def __init__(self, pcsc: Pcsc, card: Any, protocol: int) -> None:
        self._pcsc = pcsc
        self._card = card
        self._protocol = protocol

    def transmit(self, command: bytes) -> bytes:
        """The tag's answer.

        Raises:
            PcscTrouble: the tag was taken away, or the reader or the daemon is gone.
        """
        return self._pcsc.transmit(self._card, self._protocol, command)
