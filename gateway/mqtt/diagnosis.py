"""Why there is no connection, in words that somebody in front of the gateway can act on."""

import socket
import ssl
from pathlib import Path
from typing import Final

from gateway.model.health import Condition
from gateway.mqtt.dial import Unusable
from gateway.mqtt.message import LinkLost, Refused
from gateway.mqtt.options import CREDENTIALS, BrokerAddress
from gateway.mqtt.proxies import ProxyFailed

PART: Final = "mqtt"

CREDENTIAL_CODES: Final = frozenset({0x86, 0x87, 0x8A, 0x8C})
"""Bad user name or password, not authorized, banned, bad authentication method (MQTT 5, 3.2.2.2)."""

TAKEN_OVER: Final = "Session taken over"
"""A broker's word as it ends the older of two connections of one client (MQTT 5, 3.14.2.1: 0x8E), as paho has it."""

SILENT: Final = frozenset({"dns", "refused", "timeout"})
"""Codes that say all there is: nobody answered."""


def diagnose(error: Exception, address: BrokerAddress) -> Condition:
    """The health condition for a connection to `address` that failed with `error`."""
    code, hint = _explain(error, address)
    said = "" if code in SILENT else _said(error)
    values = {"address": str(address), "host": address.host, "said": said}
    return Condition(PART, code, "error", hint, values)


def _said(error: Exception) -> str:
    """What the other side or the system answered, in its own words."""
    cause = error.__cause__ if isinstance(error, LinkLost) and isinstance(error.__cause__, ssl.SSLError) else error
    match cause:
        case ssl.SSLCertVerificationError():
            return cause.verify_message
        case ssl.SSLError():
            return _tls_words(cause)
        case LinkLost() | Refused():
            return cause.reason
    return str(cause)


def _tls_words(error: ssl.SSLError) -> str:
    """What OpenSSL says, or, of an error that is not its own, what the error says."""
    return (getattr(error, "reason", None) or error.strerror or str(error)).replace("_", " ").lower()


def _explain(error: Exception, address: BrokerAddress) -> tuple[str, str]:
    if isinstance(error, LinkLost) and isinstance(error.__cause__, ssl.SSLError):
        error = error.__cause__
    if isinstance(error, ssl.SSLCertVerificationError):
        mend = _OUT_OF_TIME if error.verify_code in _TIMES else _UNTRUSTED
        return "tls_untrusted", f"the certificate of {address} is not accepted: {error.verify_message}; {mend}"
    if isinstance(error, ssl.SSLError):
        words = _tls_words(error)
        mend = "check that it speaks TLS 1.2 or later there, and mqtt.certificate"
        return "tls", f"TLS with {address} failed: {words}; {mend}"
    if isinstance(error, Refused) and error.code in CREDENTIAL_CODES:
        return "unauthorised", f"{address} answers {error.reason!r}; check username, password or certificate"
    if isinstance(error, FileNotFoundError | PermissionError):
        mend = _NOT_GIVEN if Path(error.filename).is_relative_to(CREDENTIALS) else "check its path and its owner"
        return "unreadable", f"{error.filename} cannot be read ({error.strerror}); {mend}"
    if isinstance(error, LinkLost):
        return _lost(error, address)
    return next(
        (code, hint.format(address=address, host=address.host, error=error))
        for kind, code, hint in _EXPLANATIONS
        if isinstance(error, kind)
    )


def _lost(error: LinkLost, address: BrokerAddress) -> tuple[str, str]:
    if error.reason == TAKEN_OVER:
        return "taken_over", (
            f"somebody else signs in at {address} under this gateway's name, and each ends the other's connection; "
            "see whether two devices have the same settings, or the same card"
        )
    if not error.welcomed:
        mend = "is it one?" if address.tls else "is it one, and does it take connections without TLS (else mqtts://)?"
        return "unanswered", f"what listens at {address} does not answer as a broker does ({error.reason}); {mend}"
    return "lost", f"{error}; {address} is tried again"


_TIMES: Final = frozenset({9, 10})
"""X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED (OpenSSL, x509_vfy.h)."""
_OUT_OF_TIME: Final = "is this machine's clock right? else the broker needs a new certificate"
_NOT_GIVEN: Final = "systemd puts it there while the service runs: is it in /etc/credstore, and the service started?"
_UNTRUSTED: Final = "check mqtt.ca, and that the url's host is a name in that certificate"
_EXPLANATIONS: Final[tuple[tuple[type[Exception], str, str], ...]] = (
    (Refused, "rejected", "{address} says no: {error}"),
    (Unusable, "unreadable", "{error}; if they are just being replaced, they are read anew at the next attempt"),
    (ProxyFailed, "proxy", "{error}; check https_proxy, all_proxy and no_proxy in the gateway's environment"),
    (socket.gaierror, "dns", "the name {host} cannot be resolved; check it, the network and its DNS"),
    (TimeoutError, "timeout", "{address} does not answer; check the address, the network and its firewall"),
    (ConnectionRefusedError, "refused", "nothing listens at {address}; is the broker running, and the port right?"),
    (Exception, "unreachable", "{address} cannot be reached ({error}); check the network"),
)
"""The first line that fits is taken."""
