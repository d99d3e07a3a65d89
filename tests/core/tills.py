"""A shop with a till, and members who wait there."""

from dataclasses import replace

from gateway.core.engine import Engine
from gateway.core.options import CoreOptions
from gateway.model.event import Event
from gateway.model.inputs import Started
from gateway.model.sighting import AppReport, HeardBeacon, Sighting
from tests.core.shops import INCARNATION, Hand, plan

TILL = CoreOptions(queue_long=3, queue_short=1, queue_after_s=20.0, queue_rest_s=600.0)


def shop(options: CoreOptions = TILL) -> Hand:
    """The aisle of shoes with its beacon is a till."""
    whole = plan()
    zones = whole.zones | {"shoes": replace(whole.zones["shoes"], kind="checkout")}
    floorplan = replace(whole, zones=zones)
    hand = Hand(Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=floorplan, options=options))
    hand.give(0.0, Started("test"))
    return hand


def wait(hand: Hand, members: int, since_s: int, until_s: int) -> list[Event]:
    """So many members stand at the till, and their apps say so every five seconds."""
    events: list[Event] = []
    for second in range(since_s, until_s, 5):
        reports = (AppReport(f"h{number}", (HeardBeacon("b-7", -60.0),)) for number in range(members))
        events += hand.give(float(second), *(Sighting("app", "app", report) for report in reports))
    return events
