"""An open socket to a broker: DNS, TCP and TLS, all of which block, so all of which happen in a thread."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from threading import Thread

from gateway.mqtt.options import BrokerAddress, MqttOptions


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
            or a file of `options` cannot be read.
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
    plain = socket.create_connection((address.host, address.port), timeout=options.connect_timeout_s)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened = plain if tls is None else tls.wrap_socket(plain, server_hostname=address.host)
    except BaseException:
        plain.close()
        raise
    return Dialled(opened, password)


def _tls_context(options: MqttOptions) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=options.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    if options.certificate is not None:
        context.load_cert_chain(options.certificate, options.key)
    return context
