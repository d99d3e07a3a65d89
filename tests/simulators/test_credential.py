"""`credential`: what it prints opens the HTTP API of the shop that it names, and of no other."""

import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.model.store import StoreRef
from gateway.web.credentials import HeadOfficeTokens, NotCredential
from simulators.cli import app
from simulators.signer import signer_of


def made(key: Path, *arguments: str) -> Result:
    options = ["--key", str(key), "--tenant", "acme", "--store", "0042"]
    return CliRunner().invoke(app, ["credential", *arguments, *options])


@pytest.mark.parametrize(
    ("arguments", "subject"),
    [(("member", "--member", "q3lzt7"), "m.q3lzt7"), (("till",), None), (("staff",), None), (("display",), None)],
)
def test_it_proves_who_shows_it(tmp_path: Path, arguments: tuple[str, ...], subject: str | None) -> None:
    key = tmp_path / "hq.pem"
    signer_of(key)
    token = made(key, *arguments).stdout.strip()
    trusted = {"hq-demo": signer_of(key).public_key}
    shown = HeadOfficeTokens(trusted, StoreRef("acme", "0042", "gw-1")).verify(token, time.time())
    assert (shown.scope, shown.subject) == (arguments[0], subject)
    with pytest.raises(NotCredential):
        HeadOfficeTokens(trusted, StoreRef("acme", "0043", "gw-1")).verify(token, time.time())


@pytest.mark.parametrize("arguments", [("member",), ("till", "--member", "q3lzt7"), ("root",)])
def test_a_member_has_a_handle_and_others_have_none(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    signer_of(tmp_path / "hq.pem")
    assert made(tmp_path / "hq.pem", *arguments).exit_code == 2


def test_a_file_without_a_key_is_said(tmp_path: Path) -> None:
    (tmp_path / "hq.pem").write_text("no key")
    refused = made(tmp_path / "hq.pem", "till")
    assert refused.exit_code == 2
    assert "(PEM, no passphrase): name the file that has head office's" in refused.stderr


def test_a_key_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    refused = made(tmp_path / "hq.pem", "till")
    assert refused.exit_code == 2
    assert "does not exist" in refused.stderr
    assert not (tmp_path / "hq.pem").exists()
