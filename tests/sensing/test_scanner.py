"""Hand scanners: what the kernel's events and a serial line say, whatever comes in between."""

import asyncio
import os
import pty
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.keyboard import EVENT, Keyboard, Layout, decode_events, encode_text
from gateway.codecs.scanner_text import read_scanned
from gateway.model.inputs import DocumentReady, Input, ReceiverHealth
from gateway.model.sighting import CodeText, Sighting
from gateway.runtime.health import Health
from gateway.sensing.scanner.lines import KeyboardLines, Lines, SerialLines
from gateway.sensing.scanner.options import ScannerOptions, problems
from gateway.sensing.scanner.source import ScannerSource
from gateway.sensing.source import Surroundings

UP, DOWN = ReceiverHealth("scan-1", "up"), ReceiverHealth("scan-1", "down")
GTIN = "09506000134352"
TYPED = "https://shop.example/m/A7?x=1_2&y=~"


class PipedKeyboard(KeyboardLines):
    """Real events from a pipe: only the kernel's input devices can be grabbed."""

    def open(self, device: Path) -> int:
        return os.open(device, os.O_RDWR | os.O_NONBLOCK)


class Scanning:
    """A source that is being iterated."""

    def __init__(self, source: ScannerSource, health: Health) -> None:
        self.health = health
        self._heard = aiter(source)

    async def next(self) -> Input | None:
        async with asyncio.timeout(60):
            return (await anext(self._heard)).input

    async def until(self, code: str) -> str:
        async with asyncio.timeout(60):
            while True:
                for each in self.health.conditions():
                    if each.code == code:
                        return each.hint
                await asyncio.sleep(0.01)


def no_document(path: Path, name: str) -> DocumentReady:
    raise AssertionError(path, name)


@asynccontextmanager
async def scanning(options: ScannerOptions, lines: Lines | None = None) -> AsyncIterator[Scanning]:
    health = Health()
    async with ScannerSource(options, Surroundings(Path("/nowhere"), health, no_document), lines) as source:
        yield Scanning(source, health)


def code(symbology: str, text: str) -> Sighting:
    return Sighting("code", "scan-1", CodeText(symbology, text))


@pytest.mark.parametrize("layout", ["us", "fr"])
async def test_a_keyboard_wedge_types_codes_in_its_layout(tmp_path: Path, layout: Layout) -> None:
    device = tmp_path / "event0"
    os.mkfifo(device)
    async with scanning(ScannerOptions("scan-1", device, layout=layout), PipedKeyboard(layout)) as heard:
        assert await heard.next() == UP
        with device.open("wb", buffering=0) as keys:
            octets = encode_text(TYPED, layout) + encode_text(f"]d201{GTIN}10L1\x1d21S9", layout)
            for at in range(0, len(octets), 100):
                keys.write(octets[at : at + 100])
                await asyncio.sleep(0)
            assert await heard.next() == code("unknown", TYPED)
            assert await heard.next() == code("data_matrix", f"\x1d01{GTIN}10L1\x1d21S9")


async def test_the_wrong_layout_is_said_and_its_codes_are_dropped(tmp_path: Path) -> None:
    device = tmp_path / "event0"
    os.mkfifo(device)
    async with scanning(ScannerOptions("scan-1", device, layout="fr"), PipedKeyboard("fr")) as heard:
        with device.open("r+b", buffering=0) as keys:
            keys.write(encode_text("9506000134352", "us"))
            assert "set the scanner to 'fr'" in await heard.until("wrong_layout")
            keys.write(encode_text("9506000134352", "fr"))
            assert [await heard.next(), await heard.next()] == [UP, code("unknown", "9506000134352")]


async def test_a_reader_of_passes_says_that_they_are_passes() -> None:
    ours, theirs = pty.openpty()
    device = Path(os.ttyname(theirs))
    async with scanning(ScannerOptions("till-1", device, "serial", hands_over="passes")) as heard:
        assert await heard.next() == ReceiverHealth("till-1", "up")
        os.write(ours, b"PXW1:q3lzt7\r")
        assert await heard.next() == Sighting("nfc.wallet", "till-1", CodeText("pass", "PXW1:q3lzt7"))
    os.close(ours)


async def test_a_serial_scanner_with_partial_reads_and_a_code_without_an_end() -> None:
    ours, theirs = pty.openpty()
    device = Path(os.ttyname(theirs))
    async with scanning(ScannerOptions("scan-1", device, "serial", baud=115200)) as heard:
        assert await heard.next() == UP
        for part in (b"]C101", GTIN.encode()[:5], GTIN.encode()[5:] + b"\r\n\x02A7\r"):
            os.write(ours, part)
            await asyncio.sleep(0.05)
        assert await heard.next() == code("code_128", f"\x1d01{GTIN}")
        assert await heard.next() == code("unknown", "A7")
        os.write(ours, b"9506000")
        assert "CR" in await heard.until("cut_short")
        os.write(ours, b"]E09506000134352\r")
        assert await heard.next() == code("ean_13", "9506000134352")
    os.close(ours)
    os.close(theirs)


async def test_a_scanner_is_plugged_in_unplugged_and_back(tmp_path: Path) -> None:
    device = tmp_path / "scanner"
    async with scanning(ScannerOptions("scan-1", device, "serial")) as heard:
        assert await heard.next() == DOWN
        assert "plug it in" in await heard.until("no_scanner")
        for _ in range(2):
            ours, theirs = pty.openpty()
            device.symlink_to(os.ttyname(theirs))
            assert await heard.next() == UP
            os.close(theirs)
            os.write(ours, b"half a co")
            device.unlink()
            os.close(ours)
            assert await heard.next() == DOWN


async def test_one_code_held_under_the_scanner_is_one_sighting() -> None:
    ours, theirs = pty.openpty()
    async with scanning(ScannerOptions("scan-1", Path(os.ttyname(theirs)), "serial", cool_down_s=30)) as heard:
        assert await heard.next() == UP
        os.write(ours, b"A7\rA7\rA7\rB1\r")
        assert [await heard.next(), await heard.next()] == [code("unknown", "A7"), code("unknown", "B1")]
    os.close(ours)
    os.close(theirs)


class FaultySerial(SerialLines):
    """What holds an exclamation mark cannot be read, by a fault of the program."""

    def feed(self, octets: bytes) -> Iterator[str]:
        if b"!" in octets:
            raise LookupError(octets)
        return super().feed(octets)


async def test_a_fault_of_the_program_is_no_scanner_that_is_silent() -> None:
    ours, theirs = pty.openpty()
    options = ScannerOptions("scan-1", Path(os.ttyname(theirs)), "serial")
    source = ScannerSource(options, Surroundings(Path("/nowhere"), Health(), no_document), FaultySerial(9600))
    for text in ("A7", "B8"):
        async with source:
            heard = Scanning(source, Health())
            assert await heard.next() == UP, "also when it is started again"
            os.write(ours, f"{text}\r".encode())
            assert await heard.next() == code("unknown", text)
            os.write(ours, b"C9!\r")
            assert await heard.next() == DOWN
            with pytest.raises(LookupError):
                await heard.next()
    os.close(ours)
    os.close(theirs)


async def test_a_file_that_is_no_keyboard_is_said(tmp_path: Path) -> None:
    device = tmp_path / "event0"
    device.write_bytes(b"")
    async with scanning(ScannerOptions("scan-1", device)) as heard:
        assert "no keyboard device" in await heard.until("wrong_device")


@pytest.mark.skipif(not Path("/dev/uinput").exists(), reason="no /dev/uinput: no input device can be made here")
async def test_a_real_input_device_is_grabbed() -> None:
    devices = sorted(Path("/dev/input").glob("event*"))
    if not devices:
        pytest.skip("no input device to grab")
    descriptor = KeyboardLines("us").open(devices[0])
    os.close(descriptor)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("]C10112345", ("code_128", "\x1d0112345")),
        ("]d2\x1d01", ("data_matrix", "\x1d01")),
        ("]Q301", ("qr_code", "\x1d01")),
        ("]Q1https://x", ("qr_code", "https://x")),
        ("]E0036000291452", ("upc_a", "036000291452")),
        ("]E496385074", ("ean_8", "96385074")),
        ("]Z0x", ("unknown", "]Z0x")),
        ("]C", ("unknown", "]C")),
        ("A7", ("unknown", "A7")),
    ],
)
def test_symbology_identifiers_are_taken_off(sent: str, read: tuple[str, str]) -> None:
    assert read_scanned(sent) == read


@given(st.text("azertyAZERTY0123456789-/:.?_=&%@#~", min_size=1, max_size=60), st.sampled_from(["us", "fr"]), st.data())
def test_what_is_typed_is_read_however_it_is_cut(text: str, layout: Layout, cuts: st.DataObject) -> None:
    octets = encode_text(text, layout)
    at = cuts.draw(st.integers(0, len(octets)))
    first, left = decode_events(octets[:at])
    second, _ = decode_events(left + octets[at:])
    assert list(Keyboard(layout).lines(first + second)) == [text]


@given(st.binary(max_size=20 * EVENT.size))
def test_no_bytes_of_a_keyboard_raise(octets: bytes) -> None:
    list(Keyboard("fr").lines(decode_events(octets)[0]))


def test_options_are_judged() -> None:
    assert problems(ScannerOptions("scan-1", Path("/dev/x"))) == []
    assert [key for key, _, _ in problems(ScannerOptions("", Path("/dev/x"), baud=1, cool_down_s=-1))] == [
        "receiver",
        "baud",
        "cool_down_s",
    ]
