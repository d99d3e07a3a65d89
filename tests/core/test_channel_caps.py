"""A member is addressed by a channel as often a day as the member wants, through kill -9 and clocks that step."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.offers.explanation import explanation
from gateway.model.documents import Campaigns, Member, Members, Trigger
from gateway.model.inputs import DocumentReady, Input, Started
from gateway.model.sighting import CheckIn, Sighting
from tests.core.offers import CONTENT, WELCOME
from tests.core.shops import Hand, new_engine, open_shop

WANTED = {"push": 2, "app": 3}
PUSHES = tuple(
    replace(WELCOME, id=f"c{number}", trigger=Trigger("checked_in"), channels=channels)
    for number, channels in enumerate((("push",), ("push", "app"), ("push", "app"), ("app",)))
)
PURPOSES = frozenset({"presence", "offers"})


def documents(serial: int) -> tuple[Input, ...]:
    """Anew each time, the campaigns by other names."""
    running = tuple(replace(each, id=f"{each.id}-{serial}") for each in PUSHES)
    member = Member("ada", purposes=PURPOSES, caps=WANTED)
    return (
        DocumentReady("campaigns", serial, f"sha256:c{serial}", Campaigns(serial, running, CONTENT)),
        DocumentReady("members", serial, f"sha256:m{serial}", Members(serial, {"ada": member})),
    )


def come(hand: Hand, mono_s: float) -> None:
    hand.give(mono_s, Sighting("app", "app", CheckIn("ada", "app")))


def test_the_next_channel_is_taken_and_then_none_and_explained() -> None:
    hand = open_shop()
    hand.give(0.5, *documents(1))
    come(hand, 1.0)
    decisions = hand.steps[-1].decisions
    assert [getattr(each, "channel", None) for each in decisions] == ["push", "push", "app", "app"]
    come(hand, 2.0)
    refused = explanation(hand.steps[-1].decisions[0])
    assert (refused["decision"], refused["reason"]) == ("withheld", "channel_cap")
    assert refused["says"] == "Reached as often today as this member wants: 2 of 2 by “push”."


moves = st.lists(
    st.sampled_from(("come", "come", "come", "kill", "document", "hour", "day", "hour back", "day back")),
    min_size=3,
    max_size=30,
)
STEPS_S = {"hour": 3_600.0, "day": 86_400.0, "hour back": -3_600.0, "day back": -86_400.0}


@settings(max_examples=100, deadline=None)
@given(moves)
def test_whatever_happens_no_day_has_more_by_a_channel_than_the_member_wants(history: list[str]) -> None:
    hand, serial, mono_s = open_shop(), 1, 1.0
    hand.give(0.5, *documents(serial))
    made: Counter[tuple[str, str]] = Counter()
    for move in history:
        mono_s += 1.0
        match move:
            case "come":
                come(hand, mono_s)
            case "kill":
                folded = hand.folded
                hand = replace(hand, engine=new_engine(folded.values()), folded=dict(folded), steps=[])
                hand.give(mono_s, *documents(serial), Started("again"))
            case "document":
                serial += 1
                hand.give(mono_s, *documents(serial))
            case _:
                hand.offset_s += STEPS_S[move]
                hand.give(mono_s)
        for event in hand.steps[-1].events:
            if event.type == "offer.made":
                local = datetime.fromtimestamp(event.recorded_utc_s, UTC).astimezone(ZoneInfo("Europe/Paris"))
                made[f"{local:%Y-%m-%d}", str(event.data["channel"])] += 1
    assert all(times <= WANTED[channel] for (_, channel), times in made.items()), made
