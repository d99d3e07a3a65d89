"""The proxy that the environment names, and what is said to it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from gateway.mqtt.options import parse_url
from gateway.mqtt.proxies import Proxy, ProxyFailed, open_through, proxy_for

BROKER = parse_url("mqtts://broker.example:8883")
NAMES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@contextmanager
def answering(*answers: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A port that reads once and says the next of `answers`, over and over, then says what follows and closes."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        opened, _ = listener.accept()
        with opened:
            for words in answers:
                heard.append(opened.recv(4_096))
                opened.sendall(words)

    thread = Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        listener.close()
        thread.join(5)


def test_without_a_word_in_the_environment_there_is_no_proxy() -> None:
    assert proxy_for(BROKER) is None


@pytest.mark.parametrize(
    ("variables", "url", "expected"),
    [
        ({"https_proxy": "http://proxy:3128"}, "mqtts://b.example", Proxy("http", "proxy", 3128)),
        ({"HTTPS_PROXY": "proxy:3128"}, "mqtts://b.example", Proxy("http", "proxy", 3128)),
        ({"https_proxy": "http://us%40er:p%3Aw@proxy"}, "mqtts://b", Proxy("http", "proxy", 80, "us@er", "p:w")),
        ({"https_proxy": "http://proxy:3128"}, "mqtt://b.example", None),
        ({"all_proxy": "socks5h://proxy"}, "mqtt://b.example", Proxy("socks5", "proxy", 1080)),
        ({"all_proxy": "socks5://a", "https_proxy": "http://h"}, "mqtts://b", Proxy("http", "h", 80)),
        ({"all_proxy": "http://proxy", "no_proxy": ".example,10.0.0.1"}, "mqtts://b.example", None),
        ({"all_proxy": "http://proxy", "no_proxy": "*"}, "mqtts://b.example", None),
        ({"all_proxy": "http://proxy"}, "mqtt://127.0.0.1", None),
    ],
)
def test_the_environment_names_the_proxy(
    environment: pytest.MonkeyPatch, variables: dict[str, str], url: str, expected: Proxy | None
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    assert proxy_for(parse_url(url)) == expected


@pytest.mark.parametrize("url", ["ftp://proxy", "https://proxy", "http://", "http://proxy:port", "http://[::1"])
def test_a_proxy_of_another_kind_is_named_without_its_secrets(environment: pytest.MonkeyPatch, url: str) -> None:
    environment.setenv("https_proxy", url.replace("//", "//user:secret@"))
    with pytest.raises(ProxyFailed, match="write http://HOST:PORT") as caught:
        proxy_for(BROKER)
    assert "secret" not in str(caught.value)


def test_connect_is_asked_with_credentials_and_nothing_after_the_head_is_taken() -> None:
    with answering(b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\nhello") as (port, heard):
        opened = open_through(Proxy("http", "127.0.0.1", port, "user", "secret"), BROKER, 5.0)
        with opened:
            assert opened.recv(5) == b"hello"
    (asked,) = heard
    assert asked.startswith(b"CONNECT broker.example:8883 HTTP/1.1\r\nHost: broker.example:8883\r\n")
    assert b"\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n" in asked


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407 Proxy Authentication Required"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "403 Forbidden"),
        (b"\x00\x01garbage\r\n\r\n", "does not let us through"),
        (b"", "does not let us through"),
        (b"x" * 20_000, "no HTTP proxy"),
    ],
)
def test_a_no_of_an_http_proxy_is_told(answer: bytes, says: str) -> None:
    with answering(answer) as (port, _), pytest.raises(ProxyFailed, match=says) as caught:
        open_through(Proxy("http", "127.0.0.1", port, "user", "secret"), BROKER, 5.0)
    assert "secret" not in str(caught.value)


def test_a_socks_proxy_is_told_name_and_password_and_resolves_the_broker() -> None:
    answers = (b"\x05\x02", b"\x01\x00", b"\x05\x00\x00\x01\x7f\x00\x00\x01\x22\xb3")
    with answering(*answers) as (port, heard):
        open_through(Proxy("socks5", "127.0.0.1", port, "user", "secret"), BROKER, 5.0).close()
    assert heard == [b"\x05\x02\x00\x02", b"\x01\x04user\x06secret", b"\x05\x01\x00\x03\x0ebroker.example\x22\xb3"]


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ((b"\x05\xff",), "does not know us"),
        ((b"\x04\x00",), "no SOCKS 5 proxy"),
        ((b"\x05\x00", b"\x05\x02\x00\x01"), "not allowed by its rules"),
        ((b"\x05\x00", b"\x05\x63\x00\x01"), "code 99"),
        ((b"\x05",), "closed"),
    ],
)
def test_a_no_of_a_socks_proxy_is_told(answers: tuple[bytes, ...], says: str) -> None:
    with answering(*answers) as (port, _), pytest.raises(ProxyFailed, match=says):
        open_through(Proxy("socks5", "127.0.0.1", port), BROKER, 5.0)


def test_a_proxy_that_is_not_there_is_told(unused_tcp_port: int) -> None:
    with pytest.raises(ProxyFailed, match="cannot be reached"):
        open_through(Proxy("http", "127.0.0.1", unused_tcp_port), BROKER, 1.0)
