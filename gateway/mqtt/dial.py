"""An open socket to a broker: DNS, TCP, perhaps a proxy, and TLS, all of which block, so all happen in a thread."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from threading import Thread

from gateway.mqtt.options import BrokerAddress, MqttOptions
from gateway.mqtt.proxies import open_through, proxy_for
from gateway.runtime.tls import client_context


class Unusable(OSError):
    """A file that TLS needs does not hold what it should, be it because it is just being replaced."""


@dataclass(frozen=True, slots=True)
class Dialled:
    """A socket with its TLS handshake done, and the password to sign in with, read at the same time."""

    socket: socket.socket
    password: str | None


async def dial(address: BrokerAddress, options: MqttOptions) -> Dialled:
    """Open a socket to `address`; certificates, keys and password are read anew, so that new ones need no restart.

    The thread is a daemon of its own and is never waited for: a resolver that hangs cannot hold up the end of the
    process. When this coroutine is cancelled the socket is closed as soon as it opens.

    Raises:
        OSError: it cannot be opened (`socket.gaierror`, `ssl.SSLError`, `TimeoutError`, `ConnectionRefusedError`, …),
            a file of `options` cannot be read, or is `Unusable`.
    """
    loop = asyncio.get_running_loop()
    arrival: asyncio.Future[Dialled] = loop.create_future()
    Thread(target=_dial_across, args=(loop, arrival, address, options), name="mqtt-dial", daemon=True).start()
    return await arrival


def _dial_across(
    loop: asyncio.AbstractEventLoop, arrival: asyncio.Future[Dialled], address: BrokerAddress, options: MqttOptions
) -> None:
    outcome: Dialled | Exception
    try:
        outcome = _dial(address, options)
    except OSError as error:
        outcome = error
    except ValueError as error:  # UnicodeError: the host is no name that DNS could know
        outcome = socket.gaierror(str(error))
    try:
        loop.call_soon_threadsafe(_arrive, arrival, outcome)
    except RuntimeError:  # the loop has ended meanwhile
        _give_up(outcome)


def _arrive(arrival: asyncio.Future[Dialled], outcome: Dialled | Exception) -> None:
    if arrival.done():
        _give_up(outcome)
    elif isinstance(outcome, Dialled):
        arrival.set_result(outcome)
    else:
        arrival.set_exception(outcome)


def _give_up(outcome: Dialled | Exception) -> None:
    if isinstance(outcome, Dialled):
        outcome.socket.close()


def _dial(address: BrokerAddress, options: MqttOptions) -> Dialled:
    password = None
    if options.password_file is not None:
        password = options.password_file.read_text(encoding="utf-8").rstrip("\r\n")
    tls = _tls_context(options) if address.tls else None
    plain = _connect(address, options.connect_timeout_s)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened = plain if tls is None else _greeted(tls, plain, address.host)
    except BaseException:
        plain.close()
        raise
    return Dialled(opened, password)


def _greeted(tls: ssl.SSLContext, plain: socket.socket, host: str) -> socket.socket:
    """The socket with TLS; who ends the connection instead of greeting speaks none, which is no fault of the way."""
    try:
        return tls.wrap_socket(plain, server_hostname=host)
    except ConnectionResetError as error:
        raise ssl.SSLEOFError(error.errno, "connection closed instead of a greeting") from error


def _connect(address: BrokerAddress, timeout_s: float) -> socket.socket:
    proxy = proxy_for(address)
    if proxy is not None:
        return open_through(proxy, address, timeout_s)
    return socket.create_connection((address.host, address.port), timeout=timeout_s)


def _tls_context(options: MqttOptions) -> ssl.SSLContext:
    try:
        context = client_context(options.ca)
    except ssl.SSLError as error:
        msg = f"{options.ca} holds no certificate of an authority"
        raise Unusable(msg) from error
    context.options |= ssl.OP_NO_RENEGOTIATION
    if options.certificate is not None:
        try:
            context.load_cert_chain(options.certificate, options.key, password="")  # or OpenSSL asks the terminal
        except ssl.SSLError as error:
            pair = f"{options.certificate} and {options.key or options.certificate}"
            msg = f"{pair} are no certificate and its key, without a password, in PEM"
            raise Unusable(msg) from error
    return context
