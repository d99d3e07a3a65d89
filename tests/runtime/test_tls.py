"""Whom a client of TLS trusts, whatever Python it runs on."""

import asyncio
import ssl
from pathlib import Path

from gateway.runtime.tls import client_context
from tests.brokers import Pki, make_pki


async def _is_trusted(pki: Pki, authorities: Path) -> bool:
    """Whether a client with these authorities shakes hands with a server of `pki`."""

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(pki.certificate("server"), pki.key("server"))
    async with await asyncio.start_server(hang_up, "127.0.0.1", ssl=shown) as server:
        port = server.sockets[0].getsockname()[1]
        try:
            _, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=client_context(authorities), server_hostname="localhost"
            )
        except ssl.SSLCertVerificationError:
            return False
        writer.close()
        return True


async def test_an_authority_without_key_usage_and_key_identifiers_is_trusted(tmp_path: Path) -> None:
    pki = make_pki(tmp_path)
    assert await _is_trusted(pki, pki.ca)


async def test_a_certificate_can_be_trusted_by_itself(tmp_path: Path) -> None:
    pki = make_pki(tmp_path)
    assert await _is_trusted(pki, pki.certificate("server"))


async def test_another_authority_is_not(tmp_path: Path) -> None:
    (other := tmp_path / "other").mkdir()
    assert not await _is_trusted(make_pki(tmp_path), make_pki(other).ca)


async def test_a_certificate_of_another_name_is_not(tmp_path: Path) -> None:
    pki = make_pki(tmp_path, server_names=["broker.example"])
    assert not await _is_trusted(pki, pki.ca)
