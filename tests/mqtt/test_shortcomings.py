"""What a broker says that it cannot do becomes a condition with advice."""

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gateway.mqtt.shortcomings import shortcomings


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MaximumQoS", 0, "no QoS 1"),
        ("RetainAvailable", 0, "no retained messages"),
        ("WildcardSubscriptionAvailable", 0, "no subscriptions with wildcards"),
    ],
)
def test_what_is_needed_and_missing_is_a_warning(name: str, value: int, words: str) -> None:
    welcome = Properties(PacketTypes.CONNACK)  # type: ignore[no-untyped-call]
    setattr(welcome, name, value)
    condition = shortcomings("5", welcome)
    assert (condition.code, condition.severity) == ("lacking", "warning")
    assert words in condition.hint


def test_an_older_mqtt_is_told_and_a_whole_broker_is_well() -> None:
    assert shortcomings("3.1.1", None).code == "older_mqtt"
    welcome = Properties(PacketTypes.CONNACK)  # type: ignore[no-untyped-call]
    assert shortcomings("5", welcome).code == "complete"
    welcome.SharedSubscriptionAvailable = 0
    assert shortcomings("5", welcome).code == "no_sharing"
    assert {shortcomings("3.1.1", None).severity, shortcomings("5", welcome).severity} == {"ok"}
