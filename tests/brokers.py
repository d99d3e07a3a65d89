"""Real brokers for tests, on free ports of the loopback, each gone at the end of its block."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Pki:
    """A private authority with a certificate for the broker (of the names given) and one for a client.

    None has more extensions than somebody with OpenSSL and little time gives it.
    """

    directory: Path

    @property
    def ca(self) -> Path:
        return self.directory / "ca.pem"

    def certificate(self, name: str) -> Path:
        return self.directory / f"{name}.pem"

    def key(self, name: str) -> Path:
        return self.directory / f"{name}.key"


def make_pki(directory: Path, server_names: Sequence[str] = ("localhost", "127.0.0.1")) -> Pki:
    pki = Pki(directory)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _subject("Test authority")
    _write(pki, "ca", _sign(authority, authority, authority_key, authority_key, ca=True), authority_key)
    for name, hosts in (("server", server_names), ("client", ())):
        key = ec.generate_private_key(ec.SECP256R1())
        _write(pki, name, _sign(_subject(name), authority, key, authority_key, hosts=hosts), key)
    return pki


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _sign(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ca: bool = False,
    hosts: Sequence[str] = (),
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if hosts:
        names = [x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _write(pki: Pki, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    pki.certificate(name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pki.key(name).write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@dataclass(slots=True)
class Mosquitto:
    """A mosquitto process that can be stopped, killed and started again on the same port."""

    directory: Path
    port: int
    scheme: str
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        host = "localhost" if self.scheme == "mqtts" else "127.0.0.1"
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        assert MOSQUITTO is not None
        configuration = str(self.directory / "mosquitto.conf")
        with (self.directory / "mosquitto.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(MOSQUITTO, "-c", configuration, stderr=log)
        for _ in range(200):
            with contextlib.suppress(OSError):
                _reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(0.02)
        raise AssertionError((self.directory / "mosquitto.log").read_text())

    async def kill(self) -> None:
        """As a power cut would: no goodbye."""
        await self._end(kill=True)

    async def stop(self) -> None:
        await self._end(kill=False)

    async def _end(self, *, kill: bool) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.kill() if kill else self._process.terminate()
        await self._process.wait()
        self._process = None


@asynccontextmanager
async def mosquitto(
    directory: Path, *, acl: str | None = None, pki: Pki | None = None, extra: Sequence[str] = ()
) -> AsyncIterator[Mosquitto]:
    """A mosquitto in `directory`: with `acl` lines, or with TLS that asks clients for a certificate of `pki`."""
    broker = _configured(directory, acl, pki, extra)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.kill()


def _configured(directory: Path, acl: str | None, pki: Pki | None, extra: Sequence[str]) -> Mosquitto:
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    lines = [
        f"listener {port} 127.0.0.1",
        "allow_anonymous true",
        "persistence false",
        "max_queued_messages 0",
        "set_tcp_nodelay true",
        *extra,
    ]
    if acl is not None:
        acl_file = directory / "acl"
        acl_file.write_text(acl)
        acl_file.chmod(0o644)
        lines.append(f"acl_file {acl_file}")
    if pki is not None:
        lines += [
            f"cafile {pki.ca}",
            f"certfile {pki.certificate('server')}",
            f"keyfile {pki.key('server')}",
            "require_certificate true",
        ]
    # Started by root, mosquitto becomes another user, who cannot read the directories that pytest makes.
    (directory / "mosquitto.conf").write_text("\n".join([*lines, "user root", ""]))
    return Mosquitto(directory, port, "mqtt" if pki is None else "mqtts")
