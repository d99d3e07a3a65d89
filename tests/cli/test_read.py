"""`read` as a user runs it: real pictures, broken ones, and children that do not survive them."""

import asyncio
import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import qrcode
import zxingcpp
from typer.testing import CliRunner, Result

from gateway.cli import COMMANDS, app_of

cv2 = pytest.importorskip("cv2")


def read(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app_of(COMMANDS), ["read", *arguments], input=stdin)


def lines(done: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def qr(text: str, path: Path) -> Path:
    code = qrcode.QRCode(border=4, box_size=6)
    code.add_data(text)
    modules = ~np.array(code.get_matrix())
    gray = np.kron(modules, np.ones((6, 6))).astype(np.uint8) * 255
    cv2.imwrite(str(path), cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))
    return path


def bar(content: str, kind: object, path: Path) -> Path:
    picture = np.array(zxingcpp.create_barcode(content, kind).to_image(scale=4))
    cv2.imwrite(str(path), np.pad(picture, 40, constant_values=255))
    return path


def test_a_code_with_its_text_and_its_exact_bytes(tmp_path: Path) -> None:
    path = qr("Ünï\r\n", tmp_path / "a.png")
    done = read(str(path))
    assert (done.exit_code, done.stderr) == (0, "")
    assert lines(done) == [
        {"file": str(path), "codes": [{"symbology": "qr_code", "text": "Ünï\r\n", "bytes": "c39c6ec3af0d0a"}]}
    ]


def test_names_from_stdin_every_format_and_several_pictures(tmp_path: Path) -> None:
    paths = [qr(f"code {suffix}", tmp_path / f"a.{suffix}") for suffix in ("png", "jpg", "webp", "bmp", "gif")]
    done = read(stdin="".join(f"{path}\n" for path in paths))
    assert done.exit_code == 0
    assert [line["codes"] for line in lines(done)] == [
        [{"symbology": "qr_code", "text": f"code {each}", "bytes": f"code {each}".encode().hex()}]
        for each in ("png", "jpg", "webp", "bmp", "gif")
    ]


FORMATS = zxingcpp.BarcodeFormat
SYMBOLOGIES = {
    "ean_13": (FORMATS.EAN13, "4006381333931"),
    "ean_8": (FORMATS.EAN8, "96385074"),
    "upc_a": (FORMATS.UPCA, "036000291452"),
    "upc_e": (FORMATS.UPCE, "01234565"),
    "code_128": (FORMATS.Code128, "SHELF-7"),
    "code_39": (FORMATS.Code39, "LOC-12"),
    "itf": (FORMATS.ITF, "12345670"),
    "data_matrix": (FORMATS.DataMatrix, "matrix"),
    "pdf_417": (FORMATS.PDF417, "stack"),
    "aztec": (FORMATS.Aztec, "aztec"),
    "micro_qr_code": (FORMATS.MicroQRCode, "123"),
}


def test_every_symbology(tmp_path: Path) -> None:
    paths = [str(bar(text, kind, tmp_path / f"{name}.png")) for name, (kind, text) in SYMBOLOGIES.items()]
    assert [line["codes"] for line in lines(read(*paths))] == [
        [{"symbology": name, "text": text, "bytes": text.encode().hex()}] for name, (_, text) in SYMBOLOGIES.items()
    ]


def test_a_transparent_picture_lies_on_white(tmp_path: Path) -> None:
    gray = cv2.imread(str(qr("clear", tmp_path / "a.png")), cv2.IMREAD_GRAYSCALE)
    ink = np.zeros((*gray.shape, 4), np.uint8)
    ink[..., 3] = 255 - gray
    cv2.imwrite(str(tmp_path / "b.png"), ink)
    assert "clear" in read(str(tmp_path / "b.png")).stdout


def test_what_is_no_picture_is_a_problem_and_what_is_missing_is_bad_usage(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(60))
    (tmp_path / "c.png").write_bytes(b"")
    good = qr("good", tmp_path / "d.png")
    done = read(*(str(tmp_path / name) for name in ("a.txt", "b.png", "c.png")), str(good))
    assert done.exit_code == 1
    assert ["problem" in line for line in lines(done)] == [True, True, True, False]
    done = read(str(tmp_path / "none.png"), str(good))
    assert done.exit_code == 2
    assert done.stderr.startswith("argument 1: there is no file")
    assert len(lines(done)) == 1


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(30_001) * 1_000, 9)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(bomb)
    done = read(str(tmp_path / "bomb.png"))
    assert done.exit_code == 1
    assert "too many pixels" in str(lines(done)[0]["problem"])


def test_nothing_is_read_where_nothing_is(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    cv2.imwrite(str(tmp_path / "a.png"), chance.integers(0, 255, (240, 320)).astype(np.uint8))
    done = read(str(tmp_path / "a.png"))
    assert (done.exit_code, lines(done)[0]["codes"]) == (0, [])


async def test_the_command_itself_loads_no_vision() -> None:
    script = (
        "import sys, gateway.cli.read; print([each for each in ('cv2', 'numpy', 'zxingcpp') if each in sys.modules])"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    assert printed.strip() == b"[]"
