"""Why there is no connection: the cause decides what to do."""

import ssl

import pytest

from gateway.mqtt.diagnosis import diagnose
from gateway.mqtt.options import BrokerAddress

BROKER = BrokerAddress("broker.example", 8883, tls=True)


@pytest.mark.parametrize(
    ("code", "says", "mend"),
    [
        (10, "certificate has expired", "is this machine's clock right? else the broker needs a new certificate"),
        (9, "certificate is not yet valid", "is this machine's clock right? else the broker needs a new certificate"),
        (19, "self-signed certificate", "check mqtt.ca, and that the url's host is a name in that certificate"),
    ],
)
def test_a_certificate_that_is_out_of_time_is_no_matter_of_trust(code: int, says: str, mend: str) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, says
    found = diagnose(error, BROKER)
    assert found.code == "tls_untrusted"
    assert found.hint == f"the certificate of broker.example:8883 is not accepted: {says}; {mend}"


def test_a_credential_of_systemd_is_there_while_the_service_runs() -> None:
    missing = FileNotFoundError(2, "No such file or directory", "/run/credentials/proximity-gateway.service/mqtt-key")
    assert "is it in /etc/credstore, and the service started?" in diagnose(missing, BROKER).hint
    missing.filename = "/etc/key.pem"
    assert "check its path and its owner" in diagnose(missing, BROKER).hint


def test_what_tls_says_is_said_where_openssl_gives_no_reason() -> None:
    found = diagnose(ssl.SSLEOFError(104, "connection closed instead of a greeting"), BROKER)
    assert (found.code, found.values["said"]) == ("tls", "connection closed instead of a greeting")
