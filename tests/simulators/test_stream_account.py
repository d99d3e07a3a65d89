"""What head office counts of one stream, without a broker."""

import json

import pytest

from simulators.arrival import read_arrival
from simulators.stream_account import REMEMBERED_IDS, StreamAccount, StreamName, stream_name

SOURCE = "/tenants/acme/stores/0042/gateways/gw-1/streams/9f2c44d01b7ae583/visit"


def envelope(**changes: object) -> bytes:
    event = {
        "specversion": "1.0",
        "id": "e-1",
        "source": SOURCE,
        "sequence": "00000000000000000001",
        "type": "proximity.zone.entered.v1",
        "subject": "m.abc",
        "data": {"visit": "v.1", "zone": "shoes"},
    }
    return json.dumps(event | changes).encode()


def test_in_order_nothing_is_missing() -> None:
    account = StreamAccount()
    assert [account.take(sequence, f"e-{sequence}") for sequence in (1, 2, 3)] == ["new"] * 3
    assert (account.received, account.distinct, account.contiguous, account.gaps, account.late) == (3, 3, 3, 0, 0)


def test_a_hole_holds_the_ack_back_until_it_closes() -> None:
    account = StreamAccount()
    account.take(1, "e-1")
    account.take(4, "e-4")
    assert (account.contiguous, account.gaps) == (1, 2)
    account.take(2, "e-2")
    account.take(3, "e-3")
    assert (account.contiguous, account.gaps, account.late) == (4, 0, 2)


def test_a_repeat_counts_once() -> None:
    account = StreamAccount()
    assert [account.take(1, "e-1"), account.take(1, "e-1")] == ["new", "duplicate"]
    assert (account.received, account.distinct, account.duplicates, account.conflicts) == (2, 1, 1, 0)


@pytest.mark.parametrize(("sequence", "event_id"), [(1, "other"), (2, "e-1")])
def test_two_events_never_share_a_sequence_nor_an_id(sequence: int, event_id: str) -> None:
    account = StreamAccount()
    account.take(1, "e-1")
    assert account.take(sequence, event_id) == "conflict"
    assert (account.distinct, account.conflicts, account.contiguous) == (1, 1, 1)


def test_a_dropped_range_closes_its_hole() -> None:
    account = StreamAccount()
    account.take(1, "e-1")
    account.take(6, "e-6")
    assert account.take(2, "d-2", covers=(2, 5)) == "new"
    assert (account.contiguous, account.gaps, account.dropped, account.distinct) == (6, 0, 4, 3)
    assert account.take(3, "e-3") == "duplicate"


def test_an_earlier_ack_is_where_it_carries_on() -> None:
    account = StreamAccount()
    account.resume(0)
    account.resume(40)
    account.take(41, "e-41")
    assert (account.contiguous, account.gaps, account.distinct) == (41, 0, 1)


def test_what_it_remembers_is_bounded() -> None:
    account = StreamAccount()
    for sequence in range(1, REMEMBERED_IDS + 11):
        account.take(sequence, f"e-{sequence}")
    assert account.take(1, "e-1") == "duplicate"
    assert len(account._ids) == len(account._sequences) == REMEMBERED_IDS


def test_an_arrival_is_read() -> None:
    arrival = read_arrival(envelope())
    assert arrival.stream == StreamName("gw-1", "9f2c44d01b7ae583", "visit")
    assert (arrival.sequence, arrival.type, arrival.covers) == (1, "zone.entered", None)
    assert arrival.fact == ("m.abc", "zone.entered", "shoes")


def test_an_offer_is_known_by_its_campaign() -> None:
    offer = {"visit": "v.1", "zone": "shoes", "campaign": "welcome"}
    assert read_arrival(envelope(type="proximity.offer.made.v1", data=offer)).fact == ("m.abc", "offer.made", "welcome")


def test_a_dropped_event_names_its_range() -> None:
    dropped = {"first": "00000000000000000002", "last": "00000000000000000005", "reason": "evicted"}
    arrival = read_arrival(envelope(type="proximity.event.dropped.v1", subject=None, data=dropped))
    assert arrival.covers == (2, 5)
    assert arrival.fact == (None, "event.dropped", None)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"{}",
        envelope(source="/tenants/acme"),
        envelope(sequence="one"),
        envelope(sequence=1),
        envelope(data=None),
        envelope(type="proximity.event.dropped.v1", data={"first": "1"}),
    ],
)
def test_what_is_no_event_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_arrival(payload)


def test_a_source_names_its_stream() -> None:
    assert stream_name(SOURCE).stream == "visit"
    with pytest.raises(ValueError, match="names no stream"):
        stream_name("visit")
