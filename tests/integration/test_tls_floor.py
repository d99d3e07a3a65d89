"""The oldest TLS that is spoken with a broker is 1.2."""

import asyncio
import ssl
import warnings
from pathlib import Path

from gateway.mqtt.options import MqttOptions
from tests.brokers import Pki, make_pki
from tests.integration.mqtt_side import quick, session, until


def _of_version(pki: Pki, newest: ssl.TLSVersion) -> ssl.SSLContext:
    """A broker's side of TLS that knows nothing newer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.certificate("server"), pki.key("server"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
    return context


async def _codes(pki: Pki, newest: ssl.TLSVersion) -> tuple[str, str]:
    """What the session says of a broker of this TLS that, once it is reached, only hangs up: code and hint."""

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", ssl=_of_version(pki, newest)) as server:
        port = server.sockets[0].getsockname()[1]
        options: MqttOptions = quick(f"mqtts://localhost:{port}", ca=pki.ca)
        async with session(options) as noted:
            await until(lambda: bool(noted.codes), timeout_s=60)
            return noted.codes[0], noted.conditions[0].hint


async def test_a_broker_of_tls_1_1_alone_is_refused_and_one_of_1_2_is_not(tmp_path: Path) -> None:
    pki = make_pki(tmp_path)
    code, hint = await _codes(pki, ssl.TLSVersion.TLSv1_1)
    assert code == "tls"
    assert "TLS 1.2 or later" in hint
    assert (await _codes(pki, ssl.TLSVersion.TLSv1_2))[0] not in {"tls", "tls_untrusted"}
