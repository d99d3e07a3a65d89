"""The whole flow on one machine, with the real gateway in the middle."""

import json

import pytest

from simulators.broker import mosquitto_path
from tests.simulators.test_commands import command

needs_mosquitto = pytest.mark.skipif(mosquitto_path() is None, reason="mosquitto is not installed")


@pytest.mark.slow
@pytest.mark.parametrize("broker", [pytest.param("mosquitto", marks=needs_mosquitto), "amqtt"])
async def test_everything_that_happens_in_the_shop_arrives_at_head_office(broker: str) -> None:
    demo = await command("demo", "--seconds", "12", "--broker", broker)
    out, err = await demo.communicate()
    assert demo.returncode == 0, err.decode()
    figures = json.loads(out)
    assert list(figures) == [
        *("sightings", "visits", "offers", "created", "received", "acked", "gaps"),
        *("duplicates_before_dedup", "recovered"),
    ]
    assert figures["created"] == figures["received"] == figures["acked"]
    assert figures["visits"] >= 4
    assert figures["offers"] >= 3
    assert figures["gaps"] == 0
