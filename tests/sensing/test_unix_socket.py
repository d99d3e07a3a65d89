"""A socket's place: taken over from a gateway that was killed, never from a file of another kind."""

from pathlib import Path

import pytest

from gateway.sensing.unix_socket import bound


def test_a_socket_left_behind_makes_room(tmp_path: Path) -> None:
    path = tmp_path / "input.sock"
    bound(path).close()
    with bound(path):
        assert path.is_socket()
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_of_another_kind_stays(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    path.write_text("everything")
    with pytest.raises(OSError, match="in use"):
        bound(path)
    assert path.read_text() == "everything"
