"""The buffered socket: in any pieces in, in any pieces out."""

import contextlib
import socket
import ssl
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mqtt.link import UNSENT_LIMIT_BYTES, Link
from gateway.runtime.tls import client_context
from tests.brokers import make_pki


def pair() -> tuple[Link, socket.socket]:
    ours, theirs = socket.socketpair()
    link = Link(ours)
    link.setblocking(False)
    return link, theirs


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=10), st.integers(1, 60))
def test_what_comes_is_read_in_pieces_of_any_size(chunks: list[bytes], size: int) -> None:
    link, theirs = pair()
    read = b""
    for chunk in chunks:
        theirs.sendall(chunk)
        link.fill()
        read += link.recv(size)
    theirs.close()
    link.fill()
    while piece := link.recv(size):
        read += piece
    assert read == b"".join(chunks)
    link.close()


def test_nothing_is_there_until_it_is_filled() -> None:
    link, theirs = pair()
    theirs.sendall(b"x")
    assert not link.readable
    with pytest.raises(BlockingIOError):
        link.recv(1)
    link.fill()
    assert link.readable
    assert link.recv(1) == b"x"
    link.close()
    theirs.close()


def test_what_is_sent_gathers_until_it_is_flushed() -> None:
    link, theirs = pair()
    theirs.setblocking(False)
    assert link.send(b"ab") + link.send(b"cd") == 4
    with pytest.raises(BlockingIOError):
        theirs.recv(10)
    link.flush()
    assert theirs.recv(10) == b"abcd"
    link.close()
    theirs.close()


def test_a_peer_that_does_not_read_stops_the_sender() -> None:
    link, theirs = pair()
    sent = 0
    with contextlib.suppress(BlockingIOError):
        while sent < 100 * UNSENT_LIMIT_BYTES:
            sent += link.send(bytes(16_384))
            link.flush()
    assert link.unsent
    assert UNSENT_LIMIT_BYTES <= sent < 100 * UNSENT_LIMIT_BYTES
    received = 0
    while received < sent:
        received += len(theirs.recv(65_536))
        link.flush()
    assert not link.unsent
    link.close()
    theirs.close()


def test_of_a_failed_write_the_reason_is_what_tls_said_before_the_end(tmp_path: Path) -> None:
    pki = make_pki(tmp_path)
    strict = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=pki.ca)
    strict.load_cert_chain(pki.certificate("server"), pki.key("server"))
    strict.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            with server.accept()[0] as theirs, contextlib.suppress(ssl.SSLError):
                strict.wrap_socket(theirs, server_side=True).close()

        refusing = Thread(target=refuse)
        refusing.start()
        opened = socket.create_connection(server.getsockname(), 60)
        link = Link(client_context(pki.ca).wrap_socket(opened, server_hostname="localhost"))
        refusing.join()
    with pytest.raises(OSError) as broken:  # noqa: PT011 - a reset, a broken pipe or an end, as it happens
        _write_for_ever(link)
    link.setblocking(False)
    assert "certificate required" in str(link.parting(broken.value))
    link.close()


def test_of_a_failed_write_the_reason_is_its_own_where_nothing_was_said() -> None:
    link, theirs = pair()
    theirs.close()
    link.send(b"x")
    with pytest.raises(BrokenPipeError) as broken:
        link.flush()
    assert link.parting(broken.value) is broken.value
    link.close()


def _write_for_ever(link: Link) -> None:
    while True:
        link.send(b"x")
        link.flush()
