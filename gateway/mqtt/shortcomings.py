"""What a broker cannot do that this gateway makes use of: said, not suffered in silence. Pure."""

from collections.abc import Iterator
from typing import Final

from paho.mqtt.properties import Properties

from gateway.model.health import Condition
from gateway.mqtt.attempts import Version

PART: Final = "mqtt:broker"


def shortcomings(version: Version, welcome: Properties | None) -> Condition:
    """What the broker that speaks `version` lacks by its CONNACK (MQTT 5, 3.2.2.3): a condition, fine if nothing.

    What it can do without is told as a hint only; that it keeps no retained messages or does no QoS 1 is a warning.
    """
    serious = list(_missing(welcome))
    if serious:
        hint = f"this broker has {' and '.join(says for _, says in serious)}; use another"
        return Condition(PART, "lacking", "warning", hint, {"lacks": ", ".join(what for what, _ in serious)})
    if version == "3.1.1":
        hint = "MQTT 3.1.1: it cannot say why it refuses (a denied event only ends the connection), nor share a topic"
        return Condition(PART, "older_mqtt", "ok", f"{hint} out among consumers")
    if getattr(welcome, "SharedSubscriptionAvailable", 1) == 0:
        return Condition(PART, "no_sharing", "ok", "this broker cannot share a topic out among head office's consumers")
    return Condition(PART, "complete", "ok")


def _missing(welcome: Properties | None) -> Iterator[tuple[str, str]]:
    """What is lacking, by its name in the specification, and what that means."""
    if getattr(welcome, "MaximumQoS", 2) < 1:
        yield "QoS 1", "no QoS 1, so that events may be lost on their way and are sent again and again"
    if getattr(welcome, "RetainAvailable", 1) == 0:
        yield "RETAIN", "no retained messages, so that acks and documents are missed by a gateway that was away"
    if getattr(welcome, "WildcardSubscriptionAvailable", 1) == 0:
        yield "#, +", "no subscriptions with wildcards, so that acks do not arrive"
