"""What is wrong has a sentence on the pages for what to do, and gives it all that it names."""

import ssl
from collections.abc import Iterator

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gateway.core.estimation.placing import BETTER, doubted, judged_by
from gateway.documents.refusal import DocumentRefused
from gateway.model.health import Condition
from gateway.mqtt.diagnosis import diagnose
from gateway.mqtt.dial import Unusable
from gateway.mqtt.message import LinkLost, Refused
from gateway.mqtt.options import BrokerAddress
from gateway.mqtt.proxies import ProxyFailed
from gateway.mqtt.shortcomings import shortcomings
from gateway.sensing.satellites.receivers import Satellite
from gateway.sensing.satellites.telling import losing, refusing, standing
from tests.page_words import is_said

BROKER = BrokerAddress("broker.example", 8883, tls=True)
LOST = {"lost": 1, "late": 0, "refused": 0}


def untrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = 10, "certificate has expired"
    return error


def conditions() -> Iterator[Condition]:
    causes = [
        untrusted(),
        ssl.SSLError(1, "wrong version number"),
        Refused(0x87, "not authorized"),
        Refused(0x89, "server busy"),
        LinkLost("broken off", welcomed=True),
        LinkLost("broken off", welcomed=False),
        LinkLost("Session taken over", welcomed=True),
        FileNotFoundError(2, "No such file", "key.pem"),
        Unusable("it holds no key"),
        ProxyFailed("it says no"),
        TimeoutError(),
        ConnectionRefusedError(),
        OSError(113, "no route"),
    ]
    yield from (diagnose(each, BROKER) for each in causes)
    welcome = Properties(PacketTypes.CONNACK)  # type: ignore[no-untyped-call]
    welcome.MaximumQoS = 0
    yield from (shortcomings("5", welcome), shortcomings("3.1.1", None))
    yield from (standing("gw-2", Satellite(0.0, "down", why)) for why in ("silent", "offline", "deaf", "no_broker"))
    yield standing("gw-2", Satellite(0.0, "down", "offline", gone_with="gw-9"))
    yield standing("gw-2", Satellite(0.0, "up", "hearing", dropped=3))
    yield from (refusing("source:satellites-a", 3, why, "gw-9") for why in ("unknown_receiver", "not_understood"))
    yield from (losing("source:satellites-a", LOST, LOST | {"lost": 0, each: 1}) for each in LOST)
    yield from (judged_by(way) for way in BETTER)
    yield doubted({"gw-1": "moved"})
    refused = DocumentRefused("invalid", "it is no number", "write one", key="zones[2]")
    yield from (refused.condition(part) for part in ("documents:floorplan", "tokens"))


@pytest.mark.parametrize("condition", [*conditions()], ids=lambda each: f"{each.part}-{each.code}")
def test_what_to_do_can_be_said(condition: Condition) -> None:
    family = f"hints.{condition.part.split(':')[0]}"
    codes = (condition.code,) if condition.severity == "ok" else (condition.code, "any")
    assert not condition.hint or any(is_said(family, code, condition.values) for code in codes)
