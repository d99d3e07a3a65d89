"""Certificates: this gateway's own and the authorities it trusts; whether they are of today and fit their keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from gateway.mqtt.options import MqttOptions
from gateway.probes.finding import Finding

SOON_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class CertificateSeen:
    """One certificate, of a file or a peer. `trouble` says why it cannot be read; `fits`, whether the key is its."""

    of: str
    not_before: datetime | None = None
    not_after: datetime | None = None
    fits: bool = True
    trouble: str | None = None


def look_at_certificates(options: MqttOptions) -> list[CertificateSeen]:
    """Those that the settings name."""
    seen = []
    if options.ca is not None:
        seen += _all_of(options.ca, "mqtt.ca")
    if options.certificate is not None:
        seen += _own(options.certificate, options.key or options.certificate)
    return seen


def judge_certificates(seen: Iterable[CertificateSeen], now: datetime) -> list[Finding]:
    """Whether each is good `now` and in a month."""
    return [_judge(each, now) for each in seen]


def _judge(each: CertificateSeen, now: datetime) -> Finding:
    means = "the broker is not reached; events wait in the outbox"
    mend = "ask head office for a new one"
    if each.trouble is not None or each.not_after is None or each.not_before is None:
        return Finding(
            "certificate", "problem", f"{each.of}: {each.trouble}", means, "correct the path, its rights or its content"
        )
    until = f"{each.of} is good until {each.not_after:%Y-%m-%d}"
    if not each.fits:
        return Finding("certificate", "problem", f"{each.of} does not belong to its key", means, "put the pair there")
    if now > each.not_after:
        return Finding("certificate", "problem", f"{each.of} ended on {each.not_after:%Y-%m-%d}", means, mend)
    if now < each.not_before:
        found = f"{each.of} begins on {each.not_before:%Y-%m-%d} only"
        return Finding("certificate", "problem", found, means, "is the clock right? sudo timedatectl set-ntp true")
    if (each.not_after - now).days < SOON_DAYS:
        return Finding("certificate", "warning", until, f"after that, {means}", mend)
    return Finding("certificate", "ok", until)


def _all_of(path: Path, of: str) -> list[CertificateSeen]:
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        return [CertificateSeen(of, trouble=_words(path, error))]
    return [CertificateSeen(of, each.not_valid_before_utc, each.not_valid_after_utc) for each in found]


def _own(path: Path, key_path: Path) -> list[CertificateSeen]:
    of = "mqtt.certificate"
    try:
        certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
        key = load_pem_private_key(key_path.read_bytes(), password=None).public_key()
    except (OSError, ValueError, TypeError) as error:
        return [CertificateSeen(of, trouble=_words(path, error))]
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    fits = key.public_bytes(*form) == certificate.public_key().public_bytes(*form)
    return [CertificateSeen(of, certificate.not_valid_before_utc, certificate.not_valid_after_utc, fits)]


def of_peer(encoded: bytes, of: str) -> CertificateSeen:
    """The certificate that a server showed (DER)."""
    certificate = x509.load_der_x509_certificate(encoded)
    return CertificateSeen(of, certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def today() -> datetime:
    """Now, by this machine's clock."""
    return datetime.now(UTC)


def _words(path: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or path} cannot be read ({error.strerror})"
    return f"{path} or its key does not hold in PEM what it should"
