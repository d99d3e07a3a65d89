"""One campaign, one moment: each rule lets it pass or says why not."""

from dataclasses import replace

import pytest

from gateway.core.offers.expression import compile_audience
from gateway.core.offers.recurrence import parse_rrule
from gateway.core.offers.snapshot import Snapshot
from gateway.model.decision import Exposure, Offered, Withheld
from gateway.model.documents import Campaigns, Cap, Member, Schedule, Trigger
from gateway.model.time import At, from_rfc3339
from gateway.model.visit import Assurance
from tests.core.offers import (
    CONTENT,
    MEMBER,
    NOON,
    PLAN,
    WELCOME,
    decided,
    moment,
    now,
    snapshot,
    the_offer,
    the_refusal,
)

MORNING = from_rfc3339("2026-01-05T08:12:00Z")
YESTERDAY = from_rfc3339("2026-01-04T08:12:00Z")
CITY = replace(PLAN, groups=frozenset({"city"}))
ONCE_A_DAY = replace(WELCOME, caps=(Cap("member", 1, "day"),))


def exposure(last: float = MORNING, **given: object) -> dict[str, Exposure]:
    plain = Exposure("m.q3lzt7", "welcome", 1, "2026-01-05", 1, "v.1", 1, At(0.0, last))
    return {"welcome": replace(plain, **given)}  # type: ignore[arg-type]


def test_an_offer_says_who_what_where_and_in_which_language() -> None:
    made = the_offer(decided(WELCOME))
    assert (made.subject, made.visit, made.campaign, made.moment) == ("m.q3lzt7", "v.1", "welcome", "zone_entered")
    assert (made.variant, made.content, made.language, made.channel) == ("a", "hello", "fr", "app")
    assert made.at == At(0.0, NOON)


def test_a_tag_and_nobody_are_decided_nothing_about() -> None:
    assert decided(WELCOME, moment(subject="b.fob")) == ()
    assert decided(WELCOME, moment(subject=None)) == ()


def test_without_a_members_document_every_handle_is_consenting() -> None:
    assert the_offer(decided(WELCOME, member=None)).language == "en"


def test_consent_is_the_campaigns_own_purpose() -> None:
    refused = the_refusal(decided(replace(WELCOME, purpose="retarget")))
    assert (refused.reason, refused.says) == ("consent", "This member has not agreed to the purpose “retarget”.")


def test_a_minor_gets_nothing_personal() -> None:
    assert the_refusal(decided(WELCOME, member=replace(MEMBER, minor=True))).reason == "minor"


def test_an_identity_too_unsure_is_not_addressed() -> None:
    proven = replace(WELCOME, min_assurance=Assurance.PROVEN)
    refused = the_refusal(decided(proven))
    assert (refused.reason, refused.says) == (
        "assurance",
        "The identity is only proximate; this campaign needs it proven.",
    )
    assert the_offer(decided(proven, moment(assurance=Assurance.PROVEN)))


@pytest.mark.parametrize(
    ("schedule", "says"),
    [
        (Schedule(from_utc_s=NOON + 3600.0), "This campaign starts on 2026-01-05 at 13:00."),
        (Schedule(until_utc_s=NOON), "This campaign ended on 2026-01-05 at 12:00."),
        (
            Schedule(rrule=parse_rrule("FREQ=WEEKLY;BYDAY=TU")),
            "This campaign does not run on 2026-01-05, by its recurrence.",
        ),
    ],
)
def test_outside_its_schedule_a_campaign_waits(schedule: Schedule, says: str) -> None:
    refused = the_refusal(decided(replace(WELCOME, schedule=schedule)))
    assert (refused.reason, refused.says) == ("schedule", says)


def test_within_its_schedule_it_runs_by_the_stores_own_date() -> None:
    tuesdays = replace(WELCOME, schedule=Schedule(from_utc_s=NOON, rrule=parse_rrule("FREQ=WEEKLY;BYDAY=TU")))
    just_tuesday = from_rfc3339("2026-01-05T23:30:00Z")  # 00:30 in Paris
    assert the_offer(decided(tuesdays, moment(utc_s=just_tuesday)))
    assert the_refusal(decided(tuesdays, moment(utc_s=from_rfc3339("2026-01-06T23:30:00Z")))).reason == "schedule"


def test_with_the_clock_unset_nothing_that_depends_on_time_is_said() -> None:
    dependent = [
        replace(WELCOME, schedule=Schedule(from_utc_s=0.0)),
        replace(WELCOME, quiet_hours={"push": ("20:00", "09:00")}),
        ONCE_A_DAY,
    ]
    for campaign in dependent:
        assert the_refusal(decided(campaign, when=now(synced=False))).reason == "clock_unset"
    assert the_offer(decided(WELCOME, when=now(synced=False)))


def test_a_campaign_keeps_to_its_zones() -> None:
    assert the_offer(decided(replace(WELCOME, zones=frozenset({"shoes"}))))
    here = replace(WELCOME, trigger=Trigger("checked_in"))
    refused = the_refusal(decided(replace(here, zones=frozenset({"door", "coats"})), moment("checked_in")))
    assert (refused.reason, refused.says) == (
        "place",
        "This happened in “shoes”; the campaign is for “coats”, “door”.",
    )
    nowhere = the_refusal(decided(replace(here, zones=frozenset({"door"})), moment("checked_in", zone=None)))
    assert nowhere.says == "This happened at no known place; the campaign is for “door”."


def test_a_campaign_keeps_to_its_shops_and_their_groups() -> None:
    for named in ({"0042"}, {"0041", "city"}):
        shot = Snapshot.of(Campaigns(1, (replace(WELCOME, stores=frozenset(named)),), CONTENT), CITY)
        the_offer(decided(shot))
    elsewhere = Snapshot.of(Campaigns(1, (replace(WELCOME, stores=frozenset({"0041", "north"})),), CONTENT), CITY)
    refused = the_refusal(decided(elsewhere))
    assert (refused.reason, refused.says) == ("place", "This campaign is for the shops “0041”, “north”.")


def test_one_moment_makes_as_many_offers_as_may_be_at_once_the_best_first() -> None:
    best, next_best, last = (replace(WELCOME, id=name, priority=rank) for name, rank in (("x", 3), ("y", 2), ("z", 1)))
    first, second, refused = decided(snapshot(last, best, next_best, at_once=2))
    assert (first.campaign, second.campaign) == ("x", "y")
    assert isinstance(second, Offered)
    assert isinstance(refused, Withheld)
    assert (refused.campaign, refused.reason) == ("z", "stacking")


def test_a_benefit_that_stands_alone_goes_with_no_other_in_a_visit() -> None:
    ten = replace(WELCOME, id="ten", benefit={"kind": "percent", "value": 10})
    half = replace(ten, id="half", alone=True, priority=-1)
    words = replace(WELCOME, id="words", benefit={"kind": "none"}, priority=-2)
    shot = snapshot(ten, half, words)
    assert [getattr(each, "reason", "offered") for each in decided(shot)] == ["offered", "stacking", "offered"]
    had = {"half": Exposure("m.q3lzt7", "half", 1, "2026-01-05", 1, "v.1", 1, At(0.0, NOON))}
    after, again, said = decided(shot, exposures=had)
    assert isinstance(after, Withheld)
    assert after.says == "This visit has the offer “half”, which goes with no other one."
    assert isinstance(again, Offered)
    assert isinstance(said, Offered)
    elsewhere = decided(shot, moment(visit="v.2"), exposures=had)
    assert isinstance(elsewhere[0], Offered)


def test_an_audience_admits_leaves_out_or_cannot_be_judged() -> None:
    assert the_offer(decided(replace(WELCOME, audience=compile_audience("'sneakers' in member.segments"))))
    left_out = the_refusal(decided(replace(WELCOME, audience=compile_audience("member.minor"))))
    assert (left_out.reason, left_out.says) == ("audience", "This member is not in the audience: member.minor")
    failing = replace(WELCOME, audience=compile_audience("member.segments[3] == 'x'"))
    assert the_refusal(decided(failing)).reason == "audience_error"


def test_the_holdout_and_the_control_group_are_told_what_they_would_have_seen() -> None:
    everybody = snapshot(WELCOME, holdout_salt="2026q4", holdout_per_10000=10_000)
    held = the_refusal(decided(everybody))
    assert (held.reason, held.would_have_shown) == ("holdout", "hello")
    controlled = the_refusal(decided(replace(WELCOME, control_per_10000=10_000)))
    assert (controlled.reason, controlled.would_have_shown) == ("control", "hello")


@pytest.mark.parametrize(
    ("cap", "counted", "says"),
    [
        (Cap("member", 1, "day"), exposure(), "Already offered today at 09:12."),
        (Cap("member", 1), exposure(YESTERDAY, day="2026-01-04"), "Already offered on 2026-01-04 at 09:12."),
        (Cap("visit", 1), exposure(), "Already offered today at 09:12."),
        (Cap("member", 3, "day"), exposure(in_day=3), "Already offered 3 times today, last today at 09:12."),
        (Cap("member", 4), exposure(total=4), "Already offered 4 times in all, last today at 09:12."),
        (Cap("visit", 2), exposure(in_visit=2), "Already offered 2 times in this visit, last today at 09:12."),
        (Cap("member", 1, "day"), exposure(day="2026-01-06"), "Already offered today at 09:12."),
    ],
)
def test_a_spent_cap_says_when(cap: Cap, counted: dict[str, Exposure], says: str) -> None:
    refused = the_refusal(decided(replace(WELCOME, caps=(cap,)), exposures=counted))
    assert (refused.reason, refused.says) == ("cap", says)


@pytest.mark.parametrize(
    ("cap", "counted"),
    [
        (Cap("member", 1, "day"), exposure(YESTERDAY, day="2026-01-04")),
        (Cap("member", 2, "day"), exposure()),
        (Cap("visit", 1), exposure(visit="v.0")),
    ],
)
def test_a_cap_with_room_lets_pass(cap: Cap, counted: dict[str, Exposure]) -> None:
    assert the_offer(decided(replace(WELCOME, caps=(cap,)), exposures=counted))


def test_before_the_window_a_cap_per_visit_counts_the_day() -> None:
    once = replace(WELCOME, caps=(Cap("visit", 1),))
    outside = moment(visit=None)
    assert the_refusal(decided(once, outside, exposures=exposure(visit=None, in_visit=0))).reason == "cap"
    assert the_offer(decided(once, outside, exposures=exposure(day="2026-01-04", visit=None, in_visit=0)))


def test_quiet_hours_close_a_channel_and_the_next_is_used() -> None:
    evening = moment(utc_s=from_rfc3339("2026-01-05T21:00:00Z"))  # 22:00 in Paris
    hours = {"push": ("20:00", "09:00")}
    campaign = replace(WELCOME, channels=("push", "display"), quiet_hours=hours)
    assert the_offer(decided(campaign)).channel == "push"
    assert the_offer(decided(campaign, evening)).channel == "display"
    refused = the_refusal(decided(replace(campaign, channels=("push",)), evening))
    assert (refused.reason, refused.says) == (
        "quiet_hours",
        "It is 22:00, within quiet hours: “push” from 20:00 to 09:00.",
    )


@pytest.mark.parametrize(("utc", "channel"), [("10:59", "push"), ("11:00", "app"), ("12:29", "app"), ("12:30", "push")])
def test_quiet_hours_begin_at_their_first_minute_and_end_before_their_last(utc: str, channel: str) -> None:
    campaign = replace(WELCOME, channels=("push", "app"), quiet_hours={"push": ("12:00", "13:30")})
    at = from_rfc3339(f"2026-01-05T{utc}:00Z")
    assert the_offer(decided(campaign, moment(utc_s=at))).channel == channel


def test_words_in_no_language_are_no_offer() -> None:
    bare = snapshot(WELCOME, content={})
    assert the_refusal(decided(bare)).reason == "no_content"


def test_the_members_language_then_the_stores_then_any() -> None:
    assert the_offer(decided(WELCOME, member=replace(MEMBER, languages=("it", "fr-CH")))).language == "fr"
    assert the_offer(decided(WELCOME, member=replace(MEMBER, languages=("it",)))).language == "en"
    german = replace(WELCOME, variants=(replace(WELCOME.variants[0], content="other"),))
    assert the_offer(decided(german)).language == "de"


def test_a_member_who_left_the_document_agreed_to_nothing() -> None:
    assert the_refusal(decided(WELCOME, member=Member("q3lzt7"))).reason == "consent"
