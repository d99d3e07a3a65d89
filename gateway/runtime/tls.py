"""What this machine's clients of TLS trust and speak."""

import ssl
from pathlib import Path


def client_context(authorities: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or later with servers whose chain, dates and name are right by `authorities` (PEM) or the system's.

    The same on every Python, since a gateway whose system was upgraded must still reach its head office. Python 3.13
    began to refuse certificates without all the extensions of RFC 5280 (4.2.1), which OpenSSL leaves out of an
    authority made by its defaults, and to trust an authority given whose own is not.

    Raises: OSError (ssl.SSLError): `authorities` cannot be read, or holds no certificate.
    """
    context = ssl.create_default_context(cafile=authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
