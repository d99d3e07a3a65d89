"""Whether each broker is reached and lets this gateway in, tried for real under a client id of the probe's own."""

import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import repeat

from gateway.model.health import Condition
from gateway.model.store import StoreRef
from gateway.mqtt.attempts import Attempts
from gateway.mqtt.connection import connect
from gateway.mqtt.diagnosis import diagnose
from gateway.mqtt.dial import dial
from gateway.mqtt.message import LinkLost, Refused
from gateway.mqtt.options import BrokerAddress, MqttOptions, parse_url
from gateway.probes.certificate import CertificateSeen, of_peer
from gateway.probes.finding import Finding

TRIES = 2
"""MQTT 5, then 3.1.1 where the broker does not know 5."""


@dataclass(frozen=True, slots=True)
class BrokerSeen:
    """What came of one broker: the version of MQTT it took, or the trouble; and its certificate under TLS."""

    address: BrokerAddress
    version: str | None = None
    trouble: Condition | None = None
    certificate: CertificateSeen | None = None


async def try_brokers(options: MqttOptions, store: StoreRef) -> list[BrokerSeen]:
    """Connect to each broker of the settings with their certificates and password, and say goodbye at once."""
    return [
        await _try(parse_url(url), options, f"{store.tenant}-{store.store}-{store.gateway}-doctor")
        for url in options.urls
    ]


def judge_brokers(seen: Sequence[BrokerSeen]) -> list[Finding]:
    """Whether events can leave."""
    return [_judge(each) for each in seen]


def _judge(each: BrokerSeen) -> Finding:
    if each.trouble is not None:
        found, _, advice = each.trouble.hint.partition("; ")
        means = "events wait in the outbox"
        return Finding("broker", "problem", found, means, advice or "check mqtt.url in the settings")
    if each.address.tls or each.address.loopback:
        return Finding("broker", "ok", f"{each.address} lets this gateway in, MQTT {each.version}")
    means = "anybody on the way reads and alters what is said"
    return Finding(
        "broker", "warning", f"{each.address} lets this gateway in, in plain text", means, "write mqtts:// in mqtt.url"
    )


async def _try(address: BrokerAddress, options: MqttOptions, client_id: str) -> BrokerSeen:
    certificate = await _certificate(address, options) if address.tls else None
    attempts = Attempts([address], lambda: repeat(0.0))
    trouble: Condition | None = None
    for _ in range(TRIES):
        attempt = attempts.next()
        try:
            async with connect(
                attempt, options, client_id=client_id, will=None, on_message=lambda message: None
            ) as broker:
                await broker.disconnect()
            return BrokerSeen(address, attempt.version, None, certificate)
        except (OSError, LinkLost, Refused) as error:
            trouble = trouble or diagnose(error, address)
            attempts.failed(attempt, error)
        if attempts.next().version == attempt.version:
            break
    return BrokerSeen(address, None, trouble, certificate)


async def _certificate(address: BrokerAddress, options: MqttOptions) -> CertificateSeen | None:
    """What the broker shows; None where that is not seen, which connecting then explains."""
    with suppress(OSError):
        dialled = await dial(address, options)
        with dialled.socket:
            encoded = (
                dialled.socket.getpeercert(binary_form=True) if isinstance(dialled.socket, ssl.SSLSocket) else None
            )
        return None if encoded is None else of_peer(encoded, f"the certificate of {address}")
    return None
