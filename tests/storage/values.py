"""Records, events and decisions for the storage tests: some of each by hand, all of them by hypothesis."""

from dataclasses import replace
from typing import get_args

from hypothesis import strategies as st

from gateway.model.amount import LARGEST, amount_of
from gateway.model.beacons import BeaconState
from gateway.model.commands import Outcome, UsedCommand
from gateway.model.decision import Exposure, Offered, Withheld
from gateway.model.event import STREAMS, Event
from gateway.model.feeds import Brief, FeedPlace, Order, OrderLine, Stock
from gateway.model.redemptions import Redemption
from gateway.model.savings import Saved
from gateway.model.step import Erased, Forget, ReceiverState, Record, Save, Stream, Timeline, key_of, kind_of
from gateway.model.tickets import Ticket
from gateway.model.time import At
from gateway.model.visit import Presence, Visit, ZoneStay
from gateway.storage.database import Store

INCARNATION = "9f2c44d01b7ae583"
NOON_UTC_S = 1_790_000_000.0

texts = st.text(max_size=8)
seconds = st.floats(min_value=-1e9, max_value=4e9).map(lambda value: round(value, 3))
amounts = st.floats(min_value=-LARGEST, max_value=LARGEST).map(lambda value: amount_of(round(value, 4)))
levels = st.floats(min_value=-127, max_value=20)
counts = st.integers(min_value=0, max_value=1 << 60)
instants = st.builds(At, seconds, seconds)
stays = st.builds(ZoneStay, texts, instants, st.none() | instants)
presences = st.builds(
    Presence,
    subject=texts,
    since=instants,
    seen=instants,
    level_dbm=st.none() | levels,
    interval_s=st.none() | seconds,
    heard=st.lists(st.tuples(texts, seconds), max_size=3).map(tuple),
    indoors=st.none() | instants,
    dwelled_s=st.lists(seconds, max_size=3).map(tuple),
)
records: st.SearchStrategy[Record] = st.one_of(
    st.builds(Visit, started=instants, seen=instants, zones=st.lists(stays, max_size=3).map(tuple)),
    presences,
    st.builds(Exposure, last=instants),
    st.builds(Stream),
    st.builds(ReceiverState, since=instants),
    st.builds(BeaconState, heard=instants, since=instants, cloned=st.none() | instants, told_at=st.none() | instants),
    st.builds(Timeline, mono_s=seconds, utc_s=seconds),
    st.builds(UsedCommand, expires_utc_s=seconds, used_utc_s=seconds, outcome=st.sampled_from(get_args(Outcome))),
    st.builds(Erased, at=instants),
    st.builds(Redemption, value=st.none() | amounts, since=instants),
    st.builds(Ticket, total=amounts, at=instants),
    st.builds(Saved, in_visit=amounts, in_all=amounts, points=amounts, since=instants, last=instants),
    st.builds(FeedPlace),
    st.builds(Stock, at_utc_s=seconds),
    st.builds(Order, lines=st.lists(st.builds(OrderLine), max_size=3).map(tuple), taken_utc_s=seconds),
    st.builds(
        Brief,
        wish_list=st.lists(texts, max_size=3).map(tuple),
        sizes=st.none() | st.dictionaries(texts, texts, max_size=3),
        last_categories=st.lists(texts, max_size=3).map(tuple),
        taken_utc_s=seconds,
    ),
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 53), 1 << 53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
events = st.builds(
    Event,
    id=texts,
    incarnation=st.just(INCARNATION),
    stream=st.sampled_from(STREAMS),
    sequence=st.integers(1, 1 << 60),
    type=texts,
    subject=st.none() | texts,
    time_utc_s=seconds,
    recorded_utc_s=seconds,
    data=st.dictionaries(texts, json_values, max_size=4),
)
decisions = st.builds(Offered, at=instants) | st.builds(Withheld, at=instants)

_few_texts = st.sampled_from(["a", "b", "c"])
_few_records = st.one_of(
    st.builds(lambda record, subject: replace(record, subject=subject), presences, _few_texts),
    st.builds(Stream, name=_few_texts, next_sequence=counts),
    st.builds(lambda n: Timeline("boot", 1.0, 2.0, "synced", n), counts),
    st.builds(
        lambda subject, campaign, total: Exposure(subject, campaign, total, "2026-01-05", 1, None, 0, At(1.0, 2.0)),
        _few_texts, _few_texts, counts,
    ),
)  # fmt: skip
changes = st.lists(
    st.builds(Save, _few_records) | _few_records.map(lambda record: Forget(kind_of(record), key_of(record))),
    max_size=40,
)


def event(sequence: int, stream: str = "visit", subject: str | None = "m.q3lzt7", utc_s: float = NOON_UTC_S) -> Event:
    """An event of about 300 bytes of JSON."""
    return Event(
        id=f"019a0000-0000-7000-8000-{sequence:012x}",
        incarnation=INCARNATION,
        stream=stream,
        sequence=sequence,
        type="zone.entered",
        subject=subject,
        time_utc_s=utc_s,
        recorded_utc_s=utc_s,
        data={
            "visit": "v.k5zq3m2v7c4xw6ta", "zone": "shoes", "confidence": 0.93, "assurance": "proximate",
            "media": ["ble"], "evidence_at": "2026-11-21T10:00:00.123Z", "clock": "synced",
        },
    )  # fmt: skip


def of(store: Store, *sequences: int, stream: str = "visit", utc_s: float = NOON_UTC_S) -> tuple[Event, ...]:
    """Events of the store's own incarnation."""
    return tuple(replace(event(n, stream, utc_s=utc_s), incarnation=store.incarnation) for n in sequences)


def withheld(subject: str, campaign: str, utc_s: float, says: str = "Already greeted today at 09:12.") -> Withheld:
    return Withheld(At(1.0, utc_s), subject, "v.1", campaign, "zone_entered", "cap", says)


def presence(subject: str, zone: str = "shoes", utc_s: float = NOON_UTC_S) -> Presence:
    return Presence(subject, "member", zone, At(1.0, utc_s), At(2.0, utc_s))
