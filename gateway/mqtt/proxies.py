"""The way to a broker through a proxy, where the environment names one as it does for other programs.

`https_proxy` is for brokers over TLS, `all_proxy` for every broker, `no_proxy` lists hosts that need none; each also in
capitals. A proxy is `http://[USER:PASSWORD@]HOST:PORT`, asked by CONNECT (RFC 9110, 9.3.6), or `socks5://` (RFC 1928,
RFC 1929), `socks5h://` being the same. The broker's name is left to the proxy to resolve.
"""

import base64
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from gateway.mqtt.options import BrokerAddress

MAX_HEAD_BYTES: Final = 8_192
"""A proxy's answer to CONNECT is no longer than this (bytes)."""

ProxyKind = Literal["http", "socks5"]

_KINDS: Final[dict[str, ProxyKind]] = {"http": "http", "socks5": "socks5", "socks5h": "socks5"}
_DEFAULT_PORTS: Final[dict[ProxyKind, int]] = {"http": 80, "socks5": 1080}

_SOCKS_REFUSALS: Final = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live expired",
    7: "command not supported",
    8: "address type not supported",
}
"""The words of RFC 1928, 6."""


class ProxyFailed(OSError):
    """The proxy cannot be used, or does not let us through: why, without what may be secret in its address."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy listens, what it speaks, and who it may want us to be."""

    kind: ProxyKind
    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def proxy_for(address: BrokerAddress) -> Proxy | None:
    """The proxy that the environment names for `address`, None where it names none; this machine needs none.

    Raises:
        ProxyFailed: what it names is no proxy that could be used.
    """
    named = getproxies_environment()
    url = (named.get("https") if address.tls else None) or named.get("all")
    if not url or address.loopback or proxy_bypass(address.host, named):
        return None
    return _parse(url)


def open_through(proxy: Proxy, address: BrokerAddress, timeout_s: float) -> socket.socket:
    """A connection to `address` through `proxy`; blocks, each step of it for at most `timeout_s` (seconds).

    Raises:
        ProxyFailed: the proxy cannot be reached, or says no.
    """
    try:
        opened = socket.create_connection((proxy.host, proxy.port), timeout=timeout_s)
    except OSError as error:
        msg = f"the proxy {proxy} cannot be reached ({error})"
        raise ProxyFailed(msg) from error
    try:
        {"http": _ask_http, "socks5": _ask_socks}[proxy.kind](opened, proxy, address)
    except BaseException as error:
        opened.close()
        if isinstance(error, OSError) and not isinstance(error, ProxyFailed):
            msg = f"the proxy {proxy} went silent or away ({error})"
            raise ProxyFailed(msg) from error
        raise
    return opened


def _parse(url: str) -> Proxy:
    with suppress(ValueError):
        parts = urlsplit(url if "://" in url else f"http://{url}")
        kind = _KINDS.get(parts.scheme)
        if kind is not None and parts.hostname:
            name, password = unquote(parts.username or ""), unquote(parts.password or "")
            return Proxy(kind, parts.hostname, parts.port or _DEFAULT_PORTS[kind], name, password)
    msg = "the environment's proxy is of no kind known here: write http://HOST:PORT or socks5://HOST:PORT"
    raise ProxyFailed(msg)


def _ask_http(opened: socket.socket, proxy: Proxy, address: BrokerAddress) -> None:
    lines = [f"CONNECT {address} HTTP/1.1", f"Host: {address}"]
    if proxy.username:
        credentials = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {credentials}")
    opened.sendall("\r\n".join([*lines, "", ""]).encode())
    head = b""
    while b"\r\n\r\n" not in head and len(head) < MAX_HEAD_BYTES:
        came = opened.recv(1)  # a byte at a time: what follows the head is not ours
        if not came:
            break
        head += came
    version, _, status = head.partition(b"\r\n")[0].decode("ascii", "replace").partition(" ")
    if not version.startswith("HTTP/1.") or not status.startswith("2"):
        msg = f"the proxy {proxy} does not let us through to {address} ({status[:80] or 'it is no HTTP proxy'})"
        raise ProxyFailed(msg)


def _ask_socks(opened: socket.socket, proxy: Proxy, address: BrokerAddress) -> None:
    opened.sendall(b"\x05\x02\x00\x02" if proxy.username else b"\x05\x01\x00")
    version, method = _take(opened, 2, proxy)
    if version != 5:
        msg = f"{proxy} is no SOCKS 5 proxy"
        raise ProxyFailed(msg)
    if method == 2 and proxy.username:
        name, password = proxy.username.encode()[:255], proxy.password.encode()[:255]
        opened.sendall(b"\x01" + bytes([len(name)]) + name + bytes([len(password)]) + password)
        method = _take(opened, 2, proxy)[1]
    if method != 0:
        msg = f"the proxy {proxy} does not know us; check the user and password in its address"
        raise ProxyFailed(msg)
    opened.sendall(b"\x05\x01\x00" + _socks_address(address.host) + address.port.to_bytes(2, "big"))
    _, answer, _, kind = _take(opened, 4, proxy)
    if answer != 0:
        says = _SOCKS_REFUSALS.get(answer, f"code {answer}")
        msg = f"the proxy {proxy} does not let us through to {address} ({says})"
        raise ProxyFailed(msg)
    _take(opened, {1: 4, 4: 16}.get(kind) or _take(opened, 1, proxy)[0], proxy)
    _take(opened, 2, proxy)


def _socks_address(host: str) -> bytes:
    try:
        literal = ip_address(host)
    except ValueError:
        name = host.encode("idna")
        return b"\x03" + bytes([len(name)]) + name
    return (b"\x01" if literal.version == 4 else b"\x04") + literal.packed


def _take(opened: socket.socket, count: int, proxy: Proxy) -> bytes:
    taken = b""
    while len(taken) < count:
        came = opened.recv(count - len(taken))
        if not came:
            msg = f"the proxy {proxy} closed the connection"
            raise ProxyFailed(msg)
        taken += came
    return taken
