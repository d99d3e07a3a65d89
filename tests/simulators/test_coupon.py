"""`coupon`: what head office issues is on the member's screen, read there, and good at a till of its shop."""

import base64
import json
from pathlib import Path

import numpy as np
import qrcode
from typer.testing import CliRunner

from gateway.codecs.cose import key_from
from gateway.codecs.personal_coupon import read_coupon
from gateway.vision.decoders.registry import DECODERS
from simulators.cli import app


def issued(key: Path, *more: str) -> tuple[str, dict[str, str]]:
    done = CliRunner().invoke(app, ["coupon", "birthday", "--key", str(key), "--member", "q3lzt7", *more])
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    return printed["coupon"], printed["keys"]


def test_it_is_signed_by_the_key_that_is_printed_and_each_is_another(tmp_path: Path) -> None:
    (text, keys), (other, same) = (issued(tmp_path / "issuer.pem", "--store", "0042") for _ in range(2))
    coupon = read_coupon(text, lambda name: key_from(base64.b64decode(keys[name])))
    assert (coupon.campaign, coupon.handle, coupon.audience) == ("birthday", "q3lzt7", "proximity:demo/0042")
    assert keys == same
    assert text != other


def test_its_qr_code_is_drawn_and_read_by_every_decoder(tmp_path: Path) -> None:
    text, _ = issued(tmp_path / "issuer.pem", "-o", str(tmp_path / "coupon.svg"))
    assert "<svg" in (tmp_path / "coupon.svg").read_text()
    code = qrcode.QRCode(border=4)
    code.add_data(text)
    shown = np.kron(~np.array(code.get_matrix()), np.ones((6, 6))).astype(np.uint8) * 255
    assert code.version is not None
    assert code.version <= 12
    for name, read in DECODERS.items():
        assert [reading.code.text for reading in read(shown)] == [text], name


def test_a_key_that_is_none_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "issuer.pem").write_text("none")
    done = CliRunner().invoke(app, ["coupon", "birthday", "--key", str(tmp_path / "issuer.pem")])
    assert done.exit_code == 2
