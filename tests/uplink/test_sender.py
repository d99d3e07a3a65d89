"""The sender: everything arrives, in order within its stream, the important first, whatever the link does."""

import asyncio
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.event import STREAMS
from gateway.model.inputs import OperatorNotice
from gateway.uplink.sender import SenderOptions
from tests.uplink.far_side import Fate, FatedLink, Shop, Stood, event

QUICK = SenderOptions(
    ack_timeout_s=0.03, slice_events=4, max_unacked=16, denied_retry_min_s=0.01, denied_retry_max_s=0.02
)
PATIENT = SenderOptions(slice_events=4)

fates = st.lists(st.sampled_from(["taken", "taken", "taken", "lost_before", "lost_after", "unacked"]), max_size=60)
backlogs = st.dictionaries(st.sampled_from(STREAMS), st.integers(1, 25), max_size=4)


@settings(max_examples=150, deadline=None)
@given(fates, backlogs, st.integers(1, 10))
def test_everything_arrives_in_order_whatever_the_link_does(
    fates: list[Fate], backlog: dict[str, int], window: int
) -> None:
    shop = asyncio.run(delivered(fates, backlog, window))
    for stream, count in backlog.items():
        news = list(dict.fromkeys(shop.arrivals[stream]))
        assert news == list(range(1, count + 1))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.sampled_from(["taken", "denied", "lost_after", "unheard"]), max_size=40), backlogs, st.integers(1, 10)
)
def test_a_broker_that_says_no_or_nobody_at_times_loses_nothing(
    fates: list[Fate], backlog: dict[str, int], window: int
) -> None:
    shop = asyncio.run(delivered(fates, backlog, window))
    for stream, count in backlog.items():
        assert set(shop.arrivals[stream]) == set(range(1, count + 1))


async def delivered(fates: list[Fate], backlog: dict[str, int], window: int) -> Shop:
    shop = Shop(FatedLink(fates, window), QUICK)
    for stream, count in backlog.items():
        shop.commit(*(event(stream, sequence) for sequence in range(1, count + 1)))
    await shop.until(lambda: all(shop.acked[stream] == count for stream, count in backlog.items()))
    return shop


async def test_a_new_connection_resends_only_what_head_office_lacks() -> None:
    taken: list[Fate] = ["taken"] * 5
    shop = Shop(FatedLink([*taken, "unacked", "unacked", "lost_before"]), PATIENT)
    shop.commit(*(event("visit", sequence) for sequence in range(1, 11)))
    await shop.until(lambda: shop.acked["visit"] == 10)
    again = [sequence for connection, _, sequence in shop.link.published if connection == 2]
    assert again == [6, 8, 9, 10], "with 6 head office says that it has 7"


async def test_a_redemption_overtakes_a_backlog() -> None:
    shop = Shop(FatedLink(window=8), SenderOptions(slice_events=4))
    shop.commit(*(event("telemetry", sequence) for sequence in range(1, 501)))
    await shop.until(lambda: len(shop.link.published) >= 100)
    before = len(shop.link.published)
    shop.commit(event("redemption", 1))
    await shop.until(lambda: shop.acked["telemetry"] == 500)
    place = next(at for at, (_, stream, _) in enumerate(shop.link.published) if stream == "redemption")
    assert place - before <= 4


async def test_no_more_is_sent_than_head_office_may_lack() -> None:
    shop = Shop(FatedLink(window=100), SenderOptions(slice_events=8, max_unacked=20), acking=False)
    shop.commit(*(event("visit", sequence) for sequence in range(1, 101)))
    await shop.until(lambda: len(shop.link.published) >= 20)
    with_more_time = asyncio.create_task(shop.until(lambda: len(shop.link.published) > 20, timeout_s=0.1))
    await asyncio.gather(with_more_time, return_exceptions=True)
    assert max(sequence for _, _, sequence in shop.link.published) == 20


async def test_silence_is_shown_and_the_missing_sent_again() -> None:
    shop = Shop(FatedLink(["unacked", "unacked"]), QUICK)
    shop.commit(event("visit", 1), event("visit", 2))
    await shop.until(lambda: len(shop.link.published) >= 3 and shop.conditions[-1].severity == "ok")
    assert [sequence for _, _, sequence in shop.link.published] == [1, 2, 1]
    assert [condition.code for condition in shop.conditions][:1] == ["unacknowledged"]


async def test_what_nobody_hears_is_tried_one_at_a_time_and_comes_in_order() -> None:
    shop = Shop(FatedLink(["unheard", "unheard"]), QUICK)
    shop.commit(*(event("visit", sequence) for sequence in range(1, 6)))
    await shop.until(lambda: shop.acked["visit"] == 5 and shop.conditions[-1].severity == "ok")
    assert [sequence for _, _, sequence in shop.link.published] == [1, 1, 1, 2, 3, 4, 5]
    assert {condition.code for condition in shop.conditions} == {"unheard", "delivering"}


async def test_head_office_gone_in_mid_stream_is_waited_for() -> None:
    shop = Shop(FatedLink(["taken", "unheard", "unheard", "unheard", "unheard"]), QUICK)
    shop.commit(*(event("visit", sequence) for sequence in range(1, 6)))
    await shop.until(lambda: shop.acked["visit"] == 5)
    assert shop.arrivals["visit"] == [1, 2, 3, 4, 5]


async def test_a_broker_whose_silence_means_nothing_is_believed_no_more() -> None:
    shop = Shop(FatedLink(["read_along"] * 40), QUICK)
    shop.commit(*(event("visit", sequence) for sequence in range(1, 31)))
    await shop.until(lambda: shop.acked["visit"] == 30)
    assert shop.arrivals["visit"] == list(range(1, 31))


async def test_where_the_brokers_word_counts_nobody_needs_to_hear() -> None:
    options = replace(QUICK, acknowledge="broker")
    shop = Shop(FatedLink(["unheard"] * 40), options, acking=False)
    shop.commit(*(event("visit", sequence) for sequence in range(1, 6)))
    await shop.until(lambda: shop.acked["visit"] == 5)
    assert [sequence for _, _, sequence in shop.link.published] == [1, 2, 3, 4, 5]


async def test_a_denial_is_told_once_and_the_other_streams_go_on() -> None:
    shop = Shop(FatedLink(["denied", "taken", "denied"]), QUICK)
    shop.commit(event("redemption", 1), event("visit", 1))
    await shop.until(lambda: any(condition.severity == "ok" for condition in shop.conditions))
    assert shop.acked == {"redemption": 1, "visit": 1}
    assert shop.link.published[1][1] == "visit"
    (notice,) = shop.notices
    assert notice == OperatorNotice(
        "operation",
        "publish.refused",
        {"class": "redemption", "sequence": f"{1:020d}", "reason": "denied", "says": "Not authorized"},
    )
    assert [(condition.part, condition.code) for condition in shop.conditions] == [
        ("uplink:redemption", "denied"),
        ("uplink:redemption", "denied"),
        ("uplink:redemption", "delivering"),
    ]


async def test_a_broker_that_hangs_up_instead_of_saying_no_holds_only_that_stream() -> None:
    shop = Shop(FatedLink(["lost_before"] * 4), QUICK)
    shop.commit(event("redemption", 1))
    await shop.until(lambda: bool(shop.notices))
    assert len(shop.link.published) == 3
    shop.commit(event("visit", 1))
    await shop.until(lambda: shop.acked == {"redemption": 1, "visit": 1})
    assert [notice.data["says"] for notice in shop.notices] == ["the connection ends whenever it is sent"]


async def test_an_event_too_large_is_replaced_at_its_own_sequence() -> None:
    shop = Shop(FatedLink(), SenderOptions(max_event_bytes=2_000))
    shop.commit(event("visit", 1), event("visit", 2, zones="x" * 3_000), event("visit", 3))
    await shop.until(lambda: shop.acked["visit"] == 3)
    dropped = shop.envelopes[1]
    assert dropped["type"] == "proximity.event.dropped.v1"
    assert dropped["data"] == {"first": f"{2:020d}", "last": f"{2:020d}", "reason": "refused"}
    assert "subject" not in dropped
    assert [notice.data["reason"] for notice in shop.notices] == ["unsendable"]


async def test_where_the_brokers_word_counts_it_becomes_an_ack() -> None:
    shop = Shop(FatedLink(), SenderOptions(acknowledge="broker", slice_events=4), acking=False)
    shop.acked.clear()
    shop.commit(*(event("visit", sequence) for sequence in range(1, 11)))
    await shop.until(lambda: not shop.outbox.events["visit"])
    assert len(shop.link.published) == 10


async def test_an_ack_from_before_this_life_is_believed() -> None:
    shop = Shop(FatedLink(), PATIENT, [Stood("visit", acked=5, next_sequence=11)])
    assert shop.sender.sent("9f2c44d01b7ae583", "visit") == 10
    assert shop.sender.sent("0000000000000000", "visit") is None
    assert shop.sender.acked("9f2c44d01b7ae583", "visit", 8)
    assert not shop.sender.acked("9f2c44d01b7ae583", "visit", 7)
    shop.acked["visit"] = 8
    shop.commit(*(event("visit", sequence) for sequence in range(6, 11)))
    await shop.until(lambda: shop.acked["visit"] == 10)
    assert [sequence for _, _, sequence in shop.link.published] == [9, 10]


@settings(max_examples=50, deadline=None)
@given(backlogs)
def test_within_a_connection_a_stream_only_goes_on(backlog: dict[str, int]) -> None:
    shop = asyncio.run(delivered([], backlog, 8))
    for stream in backlog:
        sequences = [sequence for _, name, sequence in shop.link.published if name == stream]
        assert all(later == earlier + 1 for earlier, later in pairwise(sequences))


async def test_an_event_too_large_is_told_once_however_often_it_is_sent_again() -> None:
    shop = Shop(FatedLink(["unacked"] * 3), replace(QUICK, max_event_bytes=2_000))
    shop.commit(event("visit", 1, zones="x" * 3_000))
    await shop.until(lambda: len(shop.link.published) >= 3)
    assert [notice.data["reason"] for notice in shop.notices] == ["unsendable"]


async def test_what_may_not_be_sent_any_more_is_told_as_dropped_at_its_own_sequence() -> None:
    shop = Shop(FatedLink([]), PATIENT)
    shop.commit(*(replace(event("visit", sequence), subject="m.q3lzt7") for sequence in range(1, 4)))
    shop.barred = {2: "withdrawn"}
    await shop.until(lambda: shop.acked["visit"] == 3)
    told = {str(each["sequence"])[-1]: each for each in shop.envelopes}
    assert told["2"]["type"] == "proximity.event.dropped.v1"
    assert told["2"]["data"] == {"first": f"{2:020d}", "last": f"{2:020d}", "reason": "withdrawn"}
    assert "q3lzt7" not in str(told["2"])
    assert [told[each].get("subject") for each in "13"] == ["m.q3lzt7", "m.q3lzt7"]
