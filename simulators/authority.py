"""A certificate authority of one's own, and the certificate of a server that it signs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_DAYS: Final = 30
AUTHORITY: Final = "authority.pem"
"""The name of the file with the authority's own certificate."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where a server's certificate and key are (PEM), and its authority's certificate, which clients have to trust."""

    authority: Path
    certificate: Path
    key: Path


def issue(folder: Path, hosts: tuple[str, ...] = ("localhost", "127.0.0.1")) -> Certificate:
    """Make an authority and a server's certificate for `hosts` in `folder`, valid for 30 days."""
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer, subject = _name("Head office (demo)"), _name(hosts[0])
    authority = _begun(issuer, issuer, authority_key).add_extension(x509.BasicConstraints(True, 0), critical=True)
    names = [x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
    server = _begun(issuer, subject, server_key).add_extension(x509.SubjectAlternativeName(names), critical=False)
    made = Certificate(folder / AUTHORITY, folder / "server.pem", folder / "server.key")
    made.authority.write_bytes(authority.sign(authority_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    made.certificate.write_bytes(server.sign(authority_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    made.key.touch(mode=0o600)
    made.key.write_bytes(server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _begun(issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
    )
