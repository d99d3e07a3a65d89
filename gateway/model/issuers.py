"""Who may vouch for members' phones: the issuers document, and what is kept of the codes that phones showed."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issuers:
    """The issuers document: public keys by the name that a credential gives.

    A key is 32 bytes of Ed25519, or a point of P-256 (SEC 1, section 2.3.3: 65 bytes, compressed 33).
    """

    serial: int
    keys: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code that was shown here, by a digest that names nobody (hex); it is none any more after `until_utc_s`."""

    digest: str
    until_utc_s: float
