"""The device secret: made once, given by systemd, or refused with a reason."""

import errno
import os
from pathlib import Path

import pytest

from gateway.storage.refusals import SecretRefused, hint_to_write
from gateway.storage.secret import derive, find_secret, load_secret


def test_the_first_start_makes_one_that_stays(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    secret = load_secret(directory, {})
    assert len(secret) == 32
    assert load_secret(directory, {}) == find_secret(directory, {}) == secret
    assert (directory / "device.secret").stat().st_mode & 0o777 == 0o600
    assert [place.name for place in directory.iterdir()] == ["device.secret"]


def test_two_states_have_two_secrets(tmp_path: Path) -> None:
    assert load_secret(tmp_path / "a", {}) != load_secret(tmp_path / "b", {})


def test_systemds_credential_comes_first(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    given = os.urandom(32)
    (credentials / "device-secret").write_bytes(given)
    (credentials / "device-secret").chmod(0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(credentials)}
    assert load_secret(tmp_path / "state", environ) == find_secret(tmp_path / "state", environ) == given
    assert not (tmp_path / "state").exists()


def test_a_credential_directory_without_ours_is_no_credential(tmp_path: Path) -> None:
    secret = load_secret(tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path / "none")})
    assert secret == load_secret(tmp_path, {})


def test_a_secret_open_to_others_is_refused(tmp_path: Path) -> None:
    load_secret(tmp_path, {})
    (tmp_path / "device.secret").chmod(0o640)
    with pytest.raises(SecretRefused, match=r"mode 0640.*chmod 600"):
        load_secret(tmp_path, {})


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_secret_of_another_length_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "device.secret"
    path.write_bytes(bytes(size))
    path.chmod(0o600)
    with pytest.raises(SecretRefused, match=f"has {size} bytes instead of 32"):
        load_secret(tmp_path, {})


def test_looking_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(SecretRefused, match="is missing"):
        find_secret(tmp_path, {})
    assert list(tmp_path.iterdir()) == []


def test_no_new_secret_is_made_beside_an_existing_database(tmp_path: Path) -> None:
    (tmp_path / "gateway.db").write_bytes(b"sealed with the lost one")
    with pytest.raises(SecretRefused, match=r"missing.*put the one that the state was sealed with back"):
        load_secret(tmp_path, {})
    assert [place.name for place in tmp_path.iterdir()] == ["gateway.db"]


def test_a_place_where_nothing_can_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SecretRefused, match="cannot be"):
        load_secret(tmp_path / "file" / "state", {})


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert len({derive(bytes(32), purpose) for purpose in ("ids", "lookup", "proof")}) == 3
    assert derive(bytes(32), "ids") == derive(bytes(32), "ids") != derive(bytes(31) + b"1", "ids")


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "free room on the disk"),
        (errno.EROFS, "remount the disk writable"),
        (errno.EACCES, "give the state directory to the gateway's user"),
    ],
)
def test_a_file_that_cannot_be_made_says_what_would_help(number: int, hint: str) -> None:
    assert hint in hint_to_write(OSError(number, os.strerror(number)))
