"""Rows: what is written of records and decisions, and how it is read again.

The generators are consumed by SQLite's own thread, so that encoding and sealing a large batch never holds the loop up.
"""

from collections.abc import Iterable, Iterator
from json import dumps
from typing import Final, assert_never, cast

from gateway.model.beacons import BeaconState
from gateway.model.commands import UsedCommand
from gateway.model.consent import Consent
from gateway.model.decision import Decision, Exposure
from gateway.model.desk import since_of
from gateway.model.feeds import Brief, FeedPlace, Order, Stock
from gateway.model.help import HelpRequest
from gateway.model.issuers import ShownCode
from gateway.model.last_visit import LastVisit
from gateway.model.orders import Pickup
from gateway.model.redemptions import Redemption
from gateway.model.returns import Return
from gateway.model.savings import Saved
from gateway.model.slips import Slip
from gateway.model.step import Erased, ReceiverState, Record, RecordKind, Stream, Timeline
from gateway.model.tickets import Ticket
from gateway.model.visit import Presence, Visit
from gateway.storage.folding import Folded
from gateway.storage.records import (
    decode_decision,
    decode_record,
    encode_decision,
    encode_record,
)
from gateway.storage.sealing import Sealer, day_of

RecordRow = tuple[str, bytes, int | None, bytes]
DecisionRow = tuple[bytes, str, int, int, bytes]

_OF_PEOPLE: Final = frozenset[RecordKind](
    {"visit", "presence", "exposure", "erased", "consent", "order", "brief", "pickup", "slip", "last_visit", "saved"}
)


def record_rows(folded: Folded, sealer: Sealer) -> Iterator[RecordRow]:
    """Rows of the records to keep: kind, key, day, body."""
    for (kind, key), record in folded.items():
        if record is None:
            continue
        row_key, day, body = record_key(kind, key, sealer), _day(record), encode_record(record)
        yield kind, row_key, day, body if day is None else sealer.seal(day, _record_place(kind, row_key), body)


def forgotten_keys(folded: Folded, sealer: Sealer) -> Iterator[tuple[RecordKind, bytes]]:
    """Kind and key of the rows to delete."""
    return ((kind, record_key(kind, key, sealer)) for (kind, key), record in folded.items() if record is None)


def record_key(kind: RecordKind, key: tuple[str, ...], sealer: Sealer) -> bytes:
    """The key of a record's row: a keyed hash where it would name a person."""
    return sealer.lookup(kind, *key) if kind in _OF_PEOPLE else dumps(key).encode()


def open_record(row: RecordRow, sealer: Sealer) -> Record:
    """The record of a row.

    Raises:
        DayKeyGone: it was sealed on a day whose key is deleted.
        Corrupted: it is not as it was written.
    """
    kind, key, day, body = cast("tuple[RecordKind, bytes, int | None, bytes]", row)
    return decode_record(kind, body if day is None else sealer.open(day, _record_place(kind, key), body))


def decision_rows(decisions: Iterable[Decision], sealer: Sealer) -> Iterator[DecisionRow]:
    """Rows of decisions: hashes of subject and campaign, milliseconds, day, body."""
    for decision in decisions:
        day, at_ms = day_of(decision.at.utc_s), round(decision.at.utc_s * 1000)
        subject = subject_key(decision.subject, day, sealer)
        campaign = campaign_key(decision.subject, decision.campaign, day, sealer)
        body = sealer.seal(day, _decision_place(subject, campaign, at_ms), encode_decision(decision))
        yield subject, campaign, at_ms, day, body


def open_decision(row: DecisionRow, sealer: Sealer) -> Decision:
    """The decision of a row.

    Raises:
        DayKeyGone: it was sealed on a day whose key is deleted.
        Corrupted: it is not as it was written.
    """
    subject, campaign, at_ms, day, body = row
    return decode_decision(sealer.open(day, _decision_place(subject, campaign, at_ms), body))


def subject_key(subject: str, day: int, sealer: Sealer) -> bytes:
    """What stands for a subject in the ledger on a day (since 1970): another on each, so that no two can be tied."""
    return sealer.lookup("ledger", subject, str(day))


def campaign_key(subject: str, campaign: str, day: int, sealer: Sealer) -> str:
    """What stands for a campaign in a row of this subject and day: elsewhere it is another."""
    return sealer.lookup("ledger", subject, str(day), campaign).hex()


def _day(record: Record) -> int | None:
    """The day whose key seals a record; None where it is of nobody."""
    match record:
        case Visit() | Presence():
            return day_of(record.seen.utc_s)
        case Exposure(last=at) | Erased(at=at) | Redemption(since=at):
            return day_of(at.utc_s)
        case Consent():
            return day_of(record.at.utc_s)
        case Pickup() | HelpRequest() | Ticket() | Return() | Slip() | LastVisit() | Saved():
            return day_of(since_of(record).utc_s)
        case Order() | Brief():
            return day_of(record.taken_utc_s)
        case (
            Stream()
            | Timeline()
            | ReceiverState()
            | BeaconState()
            | UsedCommand()
            | ShownCode()
            | FeedPlace()
            | Stock()
        ):
            return None
        case _:
            assert_never(record)


def _record_place(kind: RecordKind, key: bytes) -> bytes:
    return b"records\0%s\0%s" % (kind.encode(), key)


def _decision_place(subject: bytes, campaign: str, at_ms: int) -> bytes:
    return b"decisions\0%s\0%d\0%s" % (subject, at_ms, campaign.encode())
