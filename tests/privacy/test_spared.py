"""Who and what is spared: sensitive zones, minors, channels that a member does not want."""

from dataclasses import replace

from gateway.core.engine import Engine
from gateway.core.offers.expression import compile_audience
from gateway.model.documents import Member, Members
from gateway.model.feeds import Brief, FeedBatch
from gateway.model.inputs import DocumentReady, Started
from gateway.model.sighting import AppReport, CheckIn, HeardBeacon, Sighting
from gateway.model.visit import Presence
from tests.core.offers import MEMBER, WELCOME, decided, snapshot, the_offer, the_refusal
from tests.core.shops import INCARNATION, SHELF, Hand, plan

AGREED = frozenset({"presence", "offers", "staff_assist"})


def opened(*members: Member, sensitive: frozenset[str] = frozenset()) -> Hand:
    drawn = plan()
    zones = {name: replace(zone, sensitive=name in sensitive) for name, zone in drawn.zones.items()}
    hand = Hand(Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=replace(drawn, zones=zones)))
    hand.give(0.0, DocumentReady("members", 1, "sha256:0", Members(1, {each.handle: each for each in members})))
    hand.give(0.0, Started("test"))
    return hand


def test_nothing_is_told_or_kept_of_a_member_in_a_sensitive_zone() -> None:
    hand = opened(Member("ada", purposes=AGREED), sensitive=frozenset({"shoes"}))
    report = Sighting("app", "app", AppReport("ada", (HeardBeacon(SHELF, -50.0),)))
    for second in range(30):
        hand.give(1.0 + second, report)
    hand.give(31.0, Sighting("app", "app", CheckIn("ada", "app")))
    hand.give(32.0)
    assert {event.type for event in hand.events if event.subject} == {"visit.started", "visitor.checked_in"}
    assert "shoes" not in repr([event.data for event in hand.events])
    (visit,) = [record for (kind, _), record in hand.folded.items() if kind == "visit"]
    assert "'shoes'" not in repr(visit)
    assert "b-7" not in repr([record for (kind, _), record in hand.folded.items() if kind == "presence"])
    assert hand.engine.deadline_s is not None, "the visit goes on"


def test_a_zone_that_becomes_sensitive_is_in_no_record_of_a_visit_any_more() -> None:
    hand = opened(Member("ada", purposes=AGREED))
    for second in range(30):
        hand.give(1.0 + second, Sighting("app", "app", AppReport("ada", (HeardBeacon("b-7", -50.0),))))
    shy = {**plan().zones, "shoes": replace(plan().zones["shoes"], sensitive=True)}
    hand.give(31.0, DocumentReady("floorplan", 2, "sha256:f", replace(plan(), zones=shy)))
    assert [event.data["reason"] for event in hand.events if event.type == "zone.left"] == ["floorplan"]
    (here,) = [record for (kind, _), record in hand.folded.items() if kind == "presence"]
    assert isinstance(here, Presence)
    assert (here.zone, here.anchors, here.unsaid) == (None, (), True)
    told = len(hand.events)
    for second in range(30):
        hand.give(32.0 + second, Sighting("app", "app", AppReport("ada", (HeardBeacon("b-7", -50.0),))))
    hand.give(7200.0)
    (ended,) = [event for event in hand.events[told:] if event.subject]
    assert ended.type == "visit.ended"
    assert "shoes" not in repr(ended.data)


def test_a_minor_is_found_by_no_segment_and_has_no_brief() -> None:
    chosen = replace(WELCOME, audience=compile_audience("'sneakers' in member.segments"))
    child = replace(MEMBER, minor=True)
    assert the_offer(decided(chosen)).campaign == chosen.id
    assert decided(snapshot(chosen), member=child) == ()
    hand = opened(Member("ada", purposes=AGREED), Member("kit", purposes=AGREED, minor=True))
    hand.give(1.0, FeedBatch("briefs", 1, "sha256:1", (Brief("ada"), Brief("kit"))))
    assert [key for kind, key in hand.folded if kind == "brief"] == [("ada",)]


def test_a_member_is_addressed_by_agreed_channels_alone() -> None:
    loud = replace(WELCOME, channels=("push", "app"))
    assert the_offer(decided(loud)).channel == "push", "nobody asked this member"
    shy = replace(MEMBER, channels=frozenset({"email"}))
    assert the_offer(decided(loud, member=shy)).channel == "app"
    assert the_refusal(decided(replace(WELCOME, channels=("push",)), member=shy)).reason == "channel_consent"
