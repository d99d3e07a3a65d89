"""Keys of a scanner that poses as a keyboard: events of the kernel to text, by the layout that the scanner is set to.

Source: Linux, Documentation/input/input.rst (struct input_event) and include/uapi/linux/input-event-codes.h.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

EVENT: Final = struct.Struct("llHHi")
"""A time (seconds, microseconds), a type, a code, a value, in the machine's own words."""
EV_KEY: Final = 1
PRESSED: Final = 1

Layout = Literal["us", "fr"]

_SHIFTS: Final = frozenset({42, 54})
_CONTROLS: Final = frozenset({29, 97})
_ALT_GR: Final = 100
_ENDS: Final = frozenset({28, 96})
_GROUP_SEPARATOR: Final = 27
"""Ctrl and this key (`]` of a US keyboard) is how a scanner types FNC1."""

_KEYS: Final = (*range(2, 14), *range(16, 28), *range(30, 42), *range(43, 54), 57, 86)
"""Codes of the keys that write something, row by row: digits, and what lies where a US keyboard has Q, A, \\ and Z."""
_ROWS: Final[dict[Layout, tuple[str, str, str]]] = {
    "us": (
        "1234567890-=qwertyuiop[]asdfghjkl;'`\\zxcvbnm,./ <",
        '!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"~|ZXCVBNM<>? >',
        "\0" * 49,
    ),
    "fr": (
        "&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù²*wxcvbn,;:! <",
        "1234567890°+AZERTYUIOP¨£QSDFGHJKLM%\0µWXCVBN?./§ >",
        "\0~#{[|`\\^@]}\0\0€\0\0\0\0\0\0\0\0¤" + "\0" * 25,
    ),
}
_TABLES: Final = {layout: tuple(dict(zip(_KEYS, row, strict=True)) for row in rows) for layout, rows in _ROWS.items()}

MAX_CHARS: Final = 4096
"""No code holds more; what a stuck key writes beyond it is left out."""


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """A key of this code was pressed (1), is held (2) or was released (0)."""

    code: int
    value: int


def decode_events(buffer: bytes) -> tuple[list[KeyEvent], bytes]:
    """The key events in `buffer`, and what is left of it: the beginning of the next."""
    whole = len(buffer) - len(buffer) % EVENT.size
    events = EVENT.iter_unpack(buffer[:whole])
    return [KeyEvent(code, value) for _, _, kind, code, value in events if kind == EV_KEY], buffer[whole:]


def encode_text(text: str, layout: Layout) -> bytes:
    """The events with which a keyboard of the layout types `text` and Enter.

    Raises:
        ValueError: the layout has no key for a character.
    """
    return b"".join(_typed(each, layout) for each in text) + _press(28)


class Keyboard:
    """Follows the keys, and gives each line that Enter ends.

    A key that writes nothing in the layout gives the replacement character (U+FFFD).
    """

    def __init__(self, layout: Layout) -> None:
        self._plain, self._shifted, self._third = _TABLES[layout]
        self._held: set[int] = set()
        self._line: list[str] = []

    def lines(self, events: Iterable[KeyEvent]) -> Iterator[str]:
        """The lines that these events complete."""
        for event in events:
            if event.code in _SHIFTS | _CONTROLS | {_ALT_GR}:
                (self._held.add if event.value else self._held.discard)(event.code)
            elif event.value != PRESSED:
                continue
            elif event.code in _ENDS:
                line, self._line = "".join(self._line), []
                if line:
                    yield line
            elif len(self._line) < MAX_CHARS:
                self._line.append(self._character(event.code))

    def forget(self) -> bool:
        """Drop what was typed of a line, and the keys held; whether there was a line."""
        left = bool(self._line)
        self._held.clear()
        self._line.clear()
        return left

    def _character(self, code: int) -> str:
        if self._held & _CONTROLS:
            return "\x1d" if code == _GROUP_SEPARATOR else "\ufffd"
        row = self._third if _ALT_GR in self._held else self._shifted if self._held & _SHIFTS else self._plain
        character = row.get(code, "\0")
        return "\ufffd" if character == "\0" else character


def retyped(line: str, layout: Layout, other: Layout) -> str:
    """What the keys that gave `line` in one layout give in another: what was meant where the layout is set wrong."""
    keys = {each: (row, code) for row in (2, 1, 0) for code, each in _TABLES[layout][row].items() if each != "\0"}
    return "".join(_TABLES[other][row].get(code, "\0") for row, code in (keys.get(each, (0, 0)) for each in line))


def _typed(character: str, layout: Layout) -> bytes:
    if character == "\x1d":
        return _down(29) + _press(_GROUP_SEPARATOR) + _up(29)
    plain, shifted, third = _TABLES[layout]
    for row, modifier in ((plain, None), (shifted, 42), (third, _ALT_GR)):
        code = next((code for code, each in row.items() if each == character and each != "\0"), None)
        if code is not None:
            return _press(code) if modifier is None else _down(modifier) + _press(code) + _up(modifier)
    msg = f"a keyboard of the layout {layout!r} has no key for {character!r}"
    raise ValueError(msg)


def _press(code: int) -> bytes:
    return _down(code) + _up(code)


def _down(code: int) -> bytes:
    return EVENT.pack(0, 0, EV_KEY, code, PRESSED) + EVENT.pack(0, 0, 0, 0, 0)


def _up(code: int) -> bytes:
    return EVENT.pack(0, 0, EV_KEY, code, 0) + EVENT.pack(0, 0, 0, 0, 0)
