"""What a marker says to everybody: the words of a campaign that anybody may read, while it runs."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from gateway.core.offers.everybody import said_to_everybody
from gateway.core.offers.expression import compile_audience
from gateway.core.offers.recurrence import parse_rrule
from gateway.core.offers.snapshot import Snapshot
from gateway.model.documents import (
    Campaign,
    Campaigns,
    Follows,
    Lease,
    Marker,
    Schedule,
    StockWanted,
    Trigger,
    Variant,
)
from gateway.model.time import Now
from tests.core.shops import STARTED_UTC_S, plan

POSTER = Campaign(
    "poster", Trigger("code_scanned", marker="P1"), (Variant("a", 1, "poster-a"),), channels=("app", "display")
)
MARKER = Marker("P1", zone="shoes")
NOW = Now(0.0, STARTED_UTC_S, "synced", "boot-1")  # 10:00 on a Monday, on the shop's wall
CONTENT: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    name: {"en": {"title": name}} for name in ("poster-a", "poster-b", "named")
}


def said(*campaigns: Campaign, marker: Marker = MARKER, now: Now = NOW, **of_document: object) -> str | None:
    document = replace(Campaigns(1, campaigns, CONTENT), **of_document)  # type: ignore[arg-type]
    return said_to_everybody(marker, Snapshot.of(document, plan()), now)


def test_a_campaign_that_others_may_read_is_said_to_who_scans_its_marker() -> None:
    assert said(POSTER) == "poster-a"
    assert said(POSTER, marker=Marker("P2")) is None
    assert said() is None


@pytest.mark.parametrize(
    "personal",
    [
        {"channels": ("app",)},
        {"channels": ("staff",)},
        {"audience": compile_audience("'vip' in member.segments")},
        {"audience": compile_audience("visit.dwell_s > 5.0")},
        {"stopped": True},
        {"stores": frozenset({"0077"})},
        {"zones": frozenset({"coats"})},
        {"lease": Lease(100)},
        {"follows": Follows("welcome")},
        {"stock": StockWanted("09506000134352")},
        {"variants": (Variant("a", 1, "unwritten"),)},
        {"schedule": Schedule(from_utc_s=STARTED_UTC_S + 1)},
        {"schedule": Schedule(until_utc_s=STARTED_UTC_S)},
        {"schedule": Schedule(dayparts=(("18:00", "20:00"),))},
        {"schedule": Schedule(rrule=parse_rrule("FREQ=WEEKLY;BYDAY=SU"))},
    ],
)
def test_what_is_for_some_or_not_for_now_is_said_to_nobody(personal: Mapping[str, object]) -> None:
    assert said(replace(POSTER, **personal)) is None  # type: ignore[arg-type]


def test_what_runs_at_times_waits_for_a_clock() -> None:
    mornings = replace(POSTER, schedule=Schedule(dayparts=(("09:00", "11:00"),)))
    unset = replace(NOW, clock="unset")
    assert said(mornings) == "poster-a"
    assert said(mornings, now=unset) is None
    assert said(POSTER, now=unset) == "poster-a"


def test_all_are_silent_when_the_document_is_stopped() -> None:
    assert said(POSTER, stopped=True) is None


def test_the_campaign_that_the_marker_stands_for_comes_first_and_the_best_of_the_others_next() -> None:
    named = replace(POSTER, id="named", trigger=Trigger("checked_in"), variants=(Variant("a", 1, "named"),))
    stands = replace(MARKER, campaign="named")
    assert said(POSTER, named, marker=stands) == "named"
    assert said(POSTER, named) == "poster-a"
    assert said(POSTER, replace(named, channels=("app",)), marker=stands) == "poster-a"
    louder = replace(POSTER, id="louder", priority=5, variants=(Variant("b", 1, "poster-b"),))
    assert said(POSTER, louder) == "poster-b"


def test_of_a_test_everybody_reads_the_heaviest_variant() -> None:
    variants = (Variant("a", 1, "poster-a"), Variant("b", 3, "poster-b"))
    assert said(replace(POSTER, variants=variants)) == "poster-b"
