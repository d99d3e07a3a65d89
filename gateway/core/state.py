"""The shop's state: the records that storage folds, and the changes that one step makes to them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from gateway.model.beacons import BeaconState
from gateway.model.commands import UsedCommand
from gateway.model.consent import Consent
from gateway.model.decision import Exposure
from gateway.model.desk import DESK_KINDS, DeskRecord, since_of
from gateway.model.event import STREAMS
from gateway.model.feeds import Brief, FeedPlace, FeedRow, Order, Stock
from gateway.model.help import HelpRequest
from gateway.model.issuers import ShownCode
from gateway.model.last_visit import LastVisit
from gateway.model.orders import Pickup
from gateway.model.redemptions import Redemption
from gateway.model.returns import Return
from gateway.model.savings import Saved
from gateway.model.slips import Slip
from gateway.model.step import (
    Change,
    Erased,
    Forget,
    Purge,
    ReceiverState,
    Record,
    RecordKind,
    Save,
    Stream,
    Timeline,
    Withdraw,
    key_of,
    kind_of,
)
from gateway.model.tickets import Ticket
from gateway.model.visit import Presence, Visit


class State:
    """Every record in use, by kind. `save` and `forget` change it and remember the change until `drain`.

    `offers_made` are those that the exposures count, by campaign, over all subjects; `redemptions_of` are ids, by
    subject and by who saves by them.
    """

    def __init__(self) -> None:
        self.visits: dict[str, Visit] = {}
        self.presences: dict[str, Presence] = {}
        self.exposures: dict[str, dict[str, Exposure]] = {}
        self.offers_made: Counter[str] = Counter()
        self.shown_codes: dict[str, ShownCode] = {}
        self.receivers: dict[str, ReceiverState] = {}
        self.beacons: dict[str, BeaconState] = {}
        self.commands: dict[str, UsedCommand] = {}
        self.erased: dict[str, Erased] = {}
        self.consents: dict[str, Consent] = {}
        self.redemptions: dict[str, Redemption] = {}
        self.redemptions_of: dict[str, set[str]] = {}
        self.feeds: dict[str, FeedPlace] = {}
        self.rows: dict[RecordKind, dict[tuple[str, ...], FeedRow]] = {"stock": {}, "order": {}, "brief": {}}
        self.pickups: dict[str, Pickup] = {}
        self.help_requests: dict[str, HelpRequest] = {}
        self.tickets: dict[str, Ticket] = {}
        self.returns: dict[str, Return] = {}
        self.slips: dict[str, Slip] = {}
        self.last_visits: dict[str, LastVisit] = {}
        self.saved: dict[str, Saved] = {}
        self.streams: dict[str, Stream] = {name: Stream(name) for name in STREAMS}
        self._named: dict[RecordKind, dict[str, Any]] = {kind: getattr(self, name) for kind, name in _NAMED.items()}
        self.timeline: Timeline | None = None
        self.ids_made = 0
        self.visits_made = 0
        self._changes: list[Change] = []

    @property
    def changed(self) -> bool:
        """Whether there is something to drain."""
        return bool(self._changes)

    def restore(self, records: Iterable[Record]) -> None:
        """Take up what was stored; makes no change."""
        for record in records:
            self._put(record)
        for kind in DESK_KINDS:
            of_kind = self._named[kind]
            oldest_first = sorted(of_kind.items(), key=lambda item: since_of(item[1]).utc_s)
            of_kind.clear()
            of_kind.update(oldest_first)
        if self.timeline is not None:
            self.ids_made = self.timeline.ids_made
            self.visits_made = self.timeline.visits_made

    def save(self, record: Record) -> None:
        """The record is new, or replaces the one of its key."""
        self._put(record)
        self._changes.append(Save(record))

    def forget_visit(self, visit: Visit) -> None:
        """The visit is over and told."""
        del self.visits[visit.id]
        self._changes.append(Forget("visit", (visit.id,)))

    def forget_presence(self, presence: Presence) -> None:
        """Nothing is left to follow."""
        del self.presences[presence.subject]
        self._changes.append(Forget("presence", (presence.subject,)))

    def forget_receiver(self, receiver: str) -> None:
        """The receiver is none of the shop's any more."""
        del self.receivers[receiver]
        self._changes.append(Forget("receiver", (receiver,)))

    def forget_beacon(self, beacon: BeaconState) -> None:
        """The beacon is none of the shop's any more."""
        del self.beacons[beacon.beacon]
        self._changes.append(Forget("beacon", (beacon.beacon,)))

    def forget_exposure(self, exposure: Exposure) -> None:
        """No cap can count it any more."""
        of_subject = self.exposures[exposure.subject]
        self.offers_made[exposure.campaign] -= of_subject.pop(exposure.campaign).total
        if not of_subject:
            del self.exposures[exposure.subject]
        self._changes.append(Forget("exposure", (exposure.subject, exposure.campaign)))

    def forget_command(self, command: UsedCommand) -> None:
        """It is over for so long that its time alone refuses it."""
        del self.commands[command.id]
        self._changes.append(Forget("command", (command.id,)))

    def forget_shown_code(self, shown: ShownCode) -> None:
        """It is so old that its time alone refuses it."""
        del self.shown_codes[shown.digest]
        self._changes.append(Forget("shown_code", (shown.digest,)))

    def forget_erased(self, erased: Erased) -> None:
        """Nothing names the handle any more."""
        del self.erased[erased.handle]
        self._changes.append(Forget("erased", (erased.handle,)))

    def forget_consent(self, consent: Consent) -> None:
        """Documents say the same, or the member is no more."""
        del self.consents[consent.handle]
        self._changes.append(Forget("consent", (consent.handle,)))

    def forget_row(self, kind: RecordKind, key: tuple[str, ...]) -> None:
        """Its feed has it no more, or it may not be kept."""
        del self.rows[kind][key]
        self._changes.append(Forget(kind, key))

    def forget_at_desk(self, record: DeskRecord) -> None:
        """It is over, or its bound is reached."""
        kind, (key,) = kind_of(record), key_of(record)
        del self._named[kind][key]
        self._changes.append(Forget(kind, (key,)))

    def forget_redemption(self, redemption: Redemption) -> None:
        """Nobody can ask for it any more."""
        self._unindex(self.redemptions.pop(redemption.id))
        self._changes.append(Forget("redemption", (redemption.id,)))

    def purge(self, subject: str) -> None:
        """Storage is to forget the subject wherever else it is kept."""
        self._changes.append(Purge(subject))

    def withdraw(self, subject: str, agreed: frozenset[str], purposes_of: Mapping[str, str]) -> None:
        """Storage is to give up what waits to be sent of the subject and rests on other purposes than those."""
        self._changes.append(Withdraw(subject, agreed, purposes_of))

    def at_desk(self) -> Iterator[DeskRecord]:
        """Every record of the desk."""
        return (record for kind in DESK_KINDS for record in self._named[kind].values())

    def drain(self) -> tuple[Change, ...]:
        """The changes since the last call, in order."""
        changes = tuple(self._changes)
        self._changes.clear()
        return changes

    def records(self) -> Mapping[tuple[RecordKind, tuple[str, ...]], Record]:
        """All that a restart would need, by kind and key. A stream that never carried anything is not a record."""
        of_shop: list[Record] = [record for of_kind in self._named.values() for record in of_kind.values()]
        of_shop = [each for each in of_shop if not isinstance(each, Stream) or each.next_sequence > 1]
        of_shop += [exposure for of_subject in self.exposures.values() for exposure in of_subject.values()]
        of_shop += self.redemptions.values()
        of_shop += [row for rows in self.rows.values() for row in rows.values()]
        if self.timeline is not None:
            of_shop.append(self.timeline)
        return {(kind_of(record), key_of(record)): record for record in of_shop}

    def _put(self, record: Record) -> None:
        named = self._named.get(kind_of(record))
        if named is not None:
            named[key_of(record)[0]] = record
            return
        match record:
            case Exposure():
                self._count(record)
            case Redemption():
                self._unindex(self.redemptions.get(record.id))
                self.redemptions[record.id] = record
                for owner in record.owners:
                    self.redemptions_of.setdefault(owner, set()).add(record.id)
            case Timeline():
                self.timeline = record
            case Stock() | Order() | Brief():
                self.rows[kind_of(record)][key_of(record)] = record

    def _unindex(self, redemption: Redemption | None) -> None:
        """It is no longer one of its subject's, or of who saved by it."""
        if redemption is None:
            return
        for owner in redemption.owners:
            self.redemptions_of[owner].remove(redemption.id)
            if not self.redemptions_of[owner]:
                del self.redemptions_of[owner]

    def _count(self, exposure: Exposure) -> None:
        of_subject = self.exposures.setdefault(exposure.subject, {})
        before = of_subject.get(exposure.campaign)
        self.offers_made[exposure.campaign] += exposure.total - (before.total if before is not None else 0)
        of_subject[exposure.campaign] = exposure


_NAMED: Final[Mapping[RecordKind, str]] = {
    "visit": "visits",
    "presence": "presences",
    "receiver": "receivers",
    "beacon": "beacons",
    "command": "commands",
    "erased": "erased",
    "consent": "consents",
    "shown_code": "shown_codes",
    "feed": "feeds",
    "pickup": "pickups",
    "help": "help_requests",
    "ticket": "tickets",
    "return": "returns",
    "slip": "slips",
    "last_visit": "last_visits",
    "saved": "saved",
    "stream": "streams",
}
"""The tables of kinds of which each record has a name of its own, by the name of their attribute."""
