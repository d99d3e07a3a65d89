"""Moments that become offers: counted, told once, and gone with consent."""

from dataclasses import replace

from gateway.core.engine import Engine
from gateway.model.decision import Offered, Withheld
from gateway.model.documents import Campaign, Campaigns, Cap, Lease, Member, Members, StockWanted, Trigger, Variant
from gateway.model.feeds import FeedBatch, Stock
from gateway.model.inputs import Acked, DocumentReady, Started
from gateway.model.sighting import AppReport, CheckIn, HeardBeacon, Sighting
from gateway.model.step import Stream
from tests.core.shops import Hand, new_engine, open_shop, stand

WELCOME = Campaign(
    "welcome",
    Trigger("zone_entered", zone="shoes"),
    (Variant("a", 1, "welcome-a"),),
    caps=(Cap("member", 1, "day"),),
)
HELP = Campaign("help", Trigger("zone_dwelled", zone="shoes", after_s=45.0), (Variant("a", 1, "help-a"),))
CONTENT = {
    "welcome-a": {"fr": {"title": "Bonjour"}, "en": {"title": "Hello"}},
    "help-a": {"fr": {"title": "Un conseil ?"}},
}


def campaigns(*of: Campaign, serial: int = 1) -> DocumentReady:
    return DocumentReady("campaigns", serial, "sha256:00", Campaigns(serial, of, CONTENT))


def report(handle: str = "q3lzt7") -> Sighting:
    return Sighting("app", "app", AppReport(handle, (HeardBeacon("b-7", -60.0),)))


def visiting(hand: Hand, since_s: float, until_s: float, handle: str = "q3lzt7") -> None:
    moment_s = since_s
    while moment_s < until_s:
        hand.give(moment_s, report(handle))
        moment_s += 5.0


def decided(hand: Hand) -> list[tuple[str, str]]:
    decisions = [decision for step in hand.steps for decision in step.decisions]
    return [(d.campaign, "offered" if isinstance(d, Offered) else d.reason) for d in decisions]


def test_a_second_visit_of_the_day_meets_the_cap_and_it_is_told_once():
    hand = open_shop()
    hand.give(0.5, campaigns(WELCOME))
    visiting(hand, 1, 30)
    visiting(hand, 1000, 1030)
    assert decided(hand) == [("welcome", "offered"), ("welcome", "cap")]
    offers = [event for event in hand.events if event.stream == "offer"]
    assert [(event.type, event.data["campaign"]) for event in offers] == [
        ("offer.made", "welcome"),
        ("offer.withheld", "welcome"),
    ]
    assert offers[0].data["content"] == "welcome-a"
    assert offers[0].data["visit"] != offers[1].data["visit"]


def test_refusals_of_one_visit_are_repeated_in_the_ledger_only():
    hand = open_shop()
    hand.give(0.5, campaigns(replace(WELCOME, trigger=Trigger("checked_in"))))
    for second in (1.0, 2.0, 3.0, 4.0):
        hand.give(second, Sighting("app", "app", CheckIn("q3lzt7", "hand")))
    assert decided(hand) == [("welcome", "offered")] + [("welcome", "cap")] * 3
    assert len([event for event in hand.events if event.type == "offer.withheld"]) == 1


def test_a_check_in_is_answered_with_what_was_decided():
    hand = open_shop()
    hand.give(0.5, campaigns(replace(WELCOME, trigger=Trigger("checked_in"))))
    hand.give(1.0, Sighting("app", "app", CheckIn("q3lzt7", "hand")))
    answer = hand.steps[-1].answer
    assert isinstance(answer, tuple)
    assert [decision.campaign for decision in answer] == ["welcome"]
    assert hand.steps[-1].urgent


def test_a_campaigns_own_dwell_mark_makes_the_moment():
    hand = open_shop()
    hand.give(0.5, campaigns(HELP))
    visiting(hand, 1, 60)
    assert decided(hand) == [("help", "offered")]


def test_a_member_without_the_purpose_is_withheld_and_a_removed_one_is_not_even_seen():
    hand = open_shop()
    shy = Member("q3lzt7", purposes=frozenset({"presence"}))
    hand.give(0.4, DocumentReady("members", 1, "sha256:00", Members(1, {"q3lzt7": shy})))
    hand.give(0.5, campaigns(WELCOME))
    visiting(hand, 1, 20)
    visiting(hand, 20, 40, handle="unknown")
    assert decided(hand) == [("welcome", "consent")]
    assert {event.subject for event in hand.events if event.subject} == {"m.q3lzt7"}


def test_tags_get_no_offers():
    hand = open_shop()
    hand.give(0.5, campaigns(WELCOME))
    stand(hand, "shoes", 1, 20)
    assert decided(hand) == []


def test_caps_hold_over_a_restart():
    hand = open_shop()
    hand.give(0.5, campaigns(WELCOME))
    visiting(hand, 1, 10)
    again = Hand(new_engine(hand.folded.values()), folded=dict(hand.folded))
    again.give(12.0, Started("test"), campaigns(WELCOME))
    visiting(again, 1000, 1020)
    assert decided(again) == [("welcome", "cap")]
    withheld = next(d for step in again.steps for d in step.decisions)
    assert isinstance(withheld, Withheld)
    assert "10:00" in withheld.says


def test_acks_are_cumulative_never_go_back_and_never_beyond_what_was_given():
    hand = open_shop()
    engine: Engine = hand.engine
    stand(hand, "shoes", 1, 3)

    def acked() -> int:
        stream = engine.records()["stream", ("visit",)]
        assert isinstance(stream, Stream)
        return stream.acked

    for incarnation, sequence, expected in (
        ("0" * 16, 1, 1),
        ("f" * 16, 2, 1),
        ("0" * 16, 99, 1),
        ("0" * 16, 2, 2),
        ("0" * 16, 1, 2),
    ):
        hand.give(5.0, Acked(incarnation, "visit", sequence))
        assert acked() == expected


def test_a_lease_is_never_overspent_whoever_asks_and_over_a_restart():
    lent = replace(WELCOME, lease=Lease(2))
    hand = open_shop()
    hand.give(0.5, campaigns(lent))
    visiting(hand, 1, 10, handle="first")
    again = Hand(new_engine(hand.folded.values()), folded=dict(hand.folded))
    again.give(12.0, Started("test"), campaigns(lent))
    visiting(again, 13, 20, handle="second")
    visiting(again, 21, 30, handle="third")
    assert decided(hand) + decided(again) == [
        ("welcome", "offered"),
        ("welcome", "offered"),
        ("welcome", "budget"),
    ]


def test_nothing_is_decided_about_who_withdrew_nor_about_a_visit_that_a_restart_ended():
    goodbye = campaigns(replace(WELCOME, trigger=Trigger("zone_left")))
    hand = open_shop()
    hand.give(0.5, goodbye)
    visiting(hand, 1, 10)
    again = Hand(new_engine(hand.folded.values()), folded=dict(hand.folded))
    told = again.give(9_000.0, goodbye, Started("test"))
    assert [event.type for event in told] == ["gateway.started", "zone.left", "visit.ended"]
    visiting(hand, 10, 20)
    hand.give(20.5, DocumentReady("members", 2, "sha256:00", Members(2, {})))
    assert decided(again) == decided(hand) == []


def test_what_the_feed_says_of_stock_decides():
    hand = open_shop()
    wanted = StockWanted("09506000134352")
    hand.give(0.5, campaigns(replace(WELCOME, trigger=Trigger("checked_in"), caps=(), stock=wanted)))
    for second, quantity in ((1.0, None), (2.0, 0), (3.0, 4)):
        if quantity is not None:
            rows = (Stock("09506000134352", "0042", quantity, 0.0), Stock("09506000134352", "0043", 9, 0.0))
            hand.give(second, FeedBatch("stock", int(second), "sha256:00", rows))
        hand.give(second, Sighting("app", "app", CheckIn("q3lzt7", "hand")))
    assert decided(hand) == [("welcome", "stock"), ("welcome", "stock"), ("welcome", "offered")]
