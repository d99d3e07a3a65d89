"""The engine: one input at a time, in the order identity, presence, visits, moments, offers. No other file knows it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Literal

from gateway.core.arrivals import Arrivals
from gateway.core.attendance import Attendance
from gateway.core.beacons.watch import BeaconWatch
from gateway.core.claims import Claims
from gateway.core.commands import end_command, give_up_commands, take_command
from gateway.core.consent import Consents
from gateway.core.coupons import Coupons
from gateway.core.desk.desk import Desk
from gateway.core.desk.help import HelpRequests
from gateway.core.early_tokens import LONGEST_S, EarlyTokens
from gateway.core.erasure import Erasure
from gateway.core.events import Emitter
from gateway.core.evidence import heard_at
from gateway.core.feeds import Feeds
from gateway.core.guests import Guests
from gateway.core.headcount import Headcount
from gateway.core.identity import Identity
from gateway.core.known_devices import KnownDevices
from gateway.core.listening import Listening
from gateway.core.member_codes import MemberCodes
from gateway.core.moments import Moments
from gateway.core.options import CoreOptions
from gateway.core.own_scans import OwnScans
from gateway.core.personal import Personal
from gateway.core.presence import Presences
from gateway.core.privacy_options import PrivacyOptions
from gateway.core.reactions import Reactions
from gateway.core.redemptions import Redemptions
from gateway.core.resume import deaf_for_s, never_back, rebase, redate, rejoin, set_by_s
from gateway.core.rotating import RotatingBeacons
from gateway.core.scans import Scans
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.core.streams import acknowledge
from gateway.core.visits import Visits
from gateway.model.consent import PersonalAsk
from gateway.model.desk import DeskAsk
from gateway.model.devices import Devices
from gateway.model.documents import Campaigns, FloorPlan, Members
from gateway.model.event import Event
from gateway.model.feeds import FeedBatch
from gateway.model.health import Condition
from gateway.model.inputs import (
    Acked,
    Commanded,
    CommandEnded,
    DocumentReady,
    Erase,
    FreshSalt,
    Input,
    OperatorNotice,
    ReceiverHealth,
    Started,
    Stopping,
    Tick,
    TokensReady,
    WasDeaf,
)
from gateway.model.issuers import Issuers
from gateway.model.redemptions import RedemptionAsk
from gateway.model.sighting import (
    EDDYSTONE_EID,
    BeaconId,
    CheckIn,
    OwnScan,
    Presented,
    Sighting,
    Stranger,
    Unnamed,
)
from gateway.model.step import Record, RecordKind, Step, Timeline
from gateway.model.survey import Survey
from gateway.model.time import At, Now
from gateway.model.visit import Visitor

Ordered = Commanded | CommandEnded | Erase | RedemptionAsk | DeskAsk | PersonalAsk
"""What somebody waits to be done."""

DEAF_AFTER_S = 1.0
"""A pause of the gateway longer than this was a time in which it heard nobody (seconds)."""


class Engine:
    """The whole shop as a pure function of its inputs and their times.

    `incarnation` (16 hex digits) and `id_key` (at most 64 bytes) make the ids. The same inputs after the same `restore`
    give the same steps. Raises only on a broken invariant, which must end the process.
    """

    def __init__(
        self,
        *,
        incarnation: str,
        id_key: bytes,
        floorplan: FloorPlan,
        options: CoreOptions | None = None,
        survey: Survey | None = None,
        privacy: PrivacyOptions | None = None,
    ) -> None:
        self._options, self._privacy = options or CoreOptions(), privacy or PrivacyOptions()
        self._incarnation = incarnation
        self._state, self._shop = State(), Shop.of(floorplan)
        self._serials: dict[str, int] = {}
        self._saved: Timeline | None = None
        self._identity = Identity(self._state.erased, self._state.consents)
        self._early = EarlyTokens(self._identity)
        self._guests, self._rotating = Guests(self._privacy), RotatingBeacons(floorplan)
        self._devices, self._listening = KnownDevices(), Listening(self._state, self._options)
        self._emitter = Emitter(self._state, incarnation, id_key)
        self._beacons = BeaconWatch(self._state, self._listening, self._emitter, self._shop)
        requests = HelpRequests(self._state, self._emitter)
        self._reactions = Reactions(self._state, self._emitter, self._identity, requests)
        self._presences = Presences(self._state, self._listening, self._options, self._shop, survey)
        self._feeds, self._visits = Feeds(self._state, self._identity), Visits(self._state, self._emitter)
        shared = self._state, self._emitter, self._identity
        self._coupons, self._codes = Coupons(), MemberCodes(self._state, self._identity)
        self._redemptions = Redemptions(*shared, Claims(self._state, self._codes, self._coupons), id_key)
        self._consents = Consents(*shared, self._privacy, id_key)
        self._headcount = Headcount(self._state, self._listening, self._emitter, self._reactions, self._options)
        self._desk = Desk(*shared, self._reactions, self._redemptions, requests, self._headcount.long_queues, id_key)
        self._moments = Moments(self._state, self._emitter, self._reactions, self._desk)
        self._erasure = Erasure(*shared, self._presences, self._redemptions, self._consents)
        self._scans = Scans(self._state, self._emitter, self._reactions, self._coupons)
        self._own_scans = OwnScans(self._state, self._emitter, self._reactions, self._scans)
        self._attendance = Attendance(
            self._state, self._listening, self._presences, self._visits, self._reactions, self._options
        )
        self._personal = Personal(*shared, self._consents, self._feeds, self._desk, self._attendance)
        self._arrivals = Arrivals(self._codes, self._presences, self._visits, self._attendance, self._scans)

    @property
    def deadline_s(self) -> float | None:
        """When a tick has something to do (monotonic s), or None; never before a restored engine is `Started`."""
        if self._saved is not None:
            return None
        timed = (self._attendance, self._beacons, self._redemptions, self._desk, self._headcount)
        return min((part.deadline_s for part in timed if part.deadline_s is not None), default=None)

    def restore(self, records: Iterable[Record]) -> None:
        """Take up what storage folded; call before the first step."""
        self._state.restore(records)
        self._saved = self._state.timeline

    def records(self) -> Mapping[tuple[RecordKind, tuple[str, ...]], Record]:
        """All that storage should hold after folding every change so far."""
        return self._state.records()

    def conditions(self, now: Now) -> tuple[Condition, ...]:
        """What operators must know of how the engine decides."""
        members = self._identity.condition(now)
        return (self._presences.placing.condition(), *(() if members is None else (members,)))

    @property
    def ambiguous(self) -> int:
        """How often, since the start, a token was that of several members and so nobody's."""
        return self._identity.slots.ambiguous

    def guests(self, mono_s: float) -> Mapping[str, int] | None:
        """How many strangers' phones are about by zone, at `mono_s` (monotonic s): an estimate that nothing keeps.

        None where they may not be counted.
        """
        return self._guests.counts(self._shop, mono_s)

    def agreed(self, handle: str) -> frozenset[str]:
        """The purposes that the member of this handle agrees to now."""
        member = self._identity.member(handle)
        return frozenset() if member is None else member.purposes

    def barred(self, event: Event) -> Literal["erased", "withdrawn"] | None:
        """Why an event that waits to be sent may not be sent any more; None where it may."""
        return self._consents.barred(event)

    def step(self, input: Input, now: Now) -> Step:
        """Take one input at its time."""
        now = never_back(self._state.timeline, now)
        if self._saved is None:
            self._follow_clock(now)
        answer, urgent = self._take(input, now)
        self._moments.follow(self._shop, now)
        decisions = self._reactions.drain()
        events = self._emitter.drain()
        if self._state.changed or events:
            self._state.save(self._timeline(now))
        return Step(self._state.drain(), events, decisions, answer, urgent or bool(decisions))

    def _take(self, input: Input, now: Now) -> tuple[object, bool]:
        """Dispatch; gives the answer for who asked, and whether a person waits for the commit."""
        if isinstance(input, Sighting):
            return self._sighted(input, now)
        if isinstance(input, Ordered):
            return self._ordered(input, now), True
        match input:
            case Tick():
                self._attendance.review_due(self._shop, now)
                self._headcount.look(self._shop, now)
                self._tell_doubts(now)
                self._beacons.look(now)
                self._redemptions.look(now)
                self._desk.look(now)
            case ReceiverHealth() | WasDeaf():
                self._hearing_changed(input, now)
            case DocumentReady() | TokensReady() | FeedBatch() | FreshSalt():
                return self._informed(input, now), False
            case Acked():
                acknowledge(self._state, self._incarnation, input)
            case OperatorNotice():
                self._emitter.emit(input.type, now, At.of(now), input.data)
            case Started(version):
                self._started(version, now)
            case Stopping():
                self._emitter.emit("gateway.stopped", now, At.of(now), {})
                return None, True
        return None, False  # a clock that changed changes nothing but the time that came with it

    def _ordered(self, order: Ordered, now: Now) -> object:
        """What became of an order: a refusal, what its deed gives, or None: it is taken."""
        if isinstance(order, DeskAsk):
            return self._desk.take(order, self._shop, now)
        if isinstance(order, PersonalAsk):
            return self._personal.take(order, self._shop, now)
        if isinstance(order, RedemptionAsk):
            return self._redemptions.take(order, self._shop, now)
        if isinstance(order, Erase):
            self._desk.forget(f"m.{order.handle}")
            self._attendance.forget(f"m.{order.handle}")
            return self._erasure.erase(order, now)
        if isinstance(order, CommandEnded):
            end_command(self._state, order)
            return None
        refusal = take_command(self._state, self._emitter, order, now)
        return refusal or (self._ordered(order.deed, now) if order.deed else None)

    def _sighted(self, sighting: Sighting, now: Now) -> tuple[object, bool]:
        self._listening.hear(sighting, now)
        sighting = self._named(sighting, now)
        if isinstance(sighting.token, Presented):
            return self._arrivals.read(sighting, sighting.token, self._shop, now), True
        if isinstance(sighting.token, Unnamed):
            self._unnamed(sighting, sighting.token, now)
            return None, False
        visitor = self._identity.resolve(sighting, self._shop, now)
        if visitor is None:
            if isinstance(sighting.token, BeaconId):
                self._beacons.hear(self._shop.beacons.get(sighting.token), sighting, now)
            self._early.keep(sighting, now)
            return None, False
        if isinstance(sighting.token, OwnScan):
            return self._own_scans.read(visitor, sighting.token, self._shop, now), True
        if visitor.kind == "tag":
            self._beacons.hear(self._shop.plan.beacons[visitor.subject[2:]], sighting, now)
        if isinstance(sighting.token, CheckIn):
            return self._arrivals.check_in(visitor, sighting, sighting.token.method, self._shop, now), True
        self._heard(visitor, sighting, now)
        return None, False

    def _heard(self, visitor: Visitor, sighting: Sighting, now: Now) -> None:
        heard = heard_at(sighting, self._shop, self._presences.surveyed)
        if heard:
            self._attendance.hear(visitor, heard, sighting, self._shop, now)

    def _named(self, sighting: Sighting, now: Now) -> Sighting:
        """The sighting under the identity that a beacon's key, or a device's, gives it."""
        if isinstance(sighting.token, BeaconId) and sighting.token.format == EDDYSTONE_EID:
            return self._rotating.named(sighting, sighting.token, now)
        return self._devices.named(sighting, self._shop) if isinstance(sighting.token, Stranger) else sighting

    def _unnamed(self, sighting: Sighting, token: Unnamed, now: Now) -> None:
        """A packet that names nobody: its sender's address is all there is."""
        if sighting.address is None or sighting.rssi_dbm is None:
            return
        if isinstance(token, Stranger):
            if not self._devices.is_staff(sighting.address):
                self._guests.hear(sighting.address, sighting.receiver, sighting.rssi_dbm, now.mono_s)
        else:
            self._beacons.hear_telemetry(sighting.address, token, now, self._rotating.opened)

    def _hearing_changed(self, change: ReceiverHealth | WasDeaf, now: Now) -> None:
        if isinstance(change, WasDeaf):
            self._listen_anew(change.for_s, now)
            self._attendance.expect_all(now)
        elif self._listening.change(change.receiver, change.status, At.of(now)):
            self._emitter.emit("receiver.changed", now, At.of(now), asdict(change))
            self._attendance.expect_all(now)

    def _tell_doubts(self, now: Now) -> None:
        """Receivers and beacons found not to be where the survey has them, or found to be there again."""
        for anchor, doubt in self._presences.placing.doubts().items():
            data = {"anchor": anchor, "status": doubt or "as_surveyed"}
            self._emitter.emit("survey.contradicted", now, At.of(now), data)

    def _informed(self, news: DocumentReady | TokensReady | FeedBatch | FreshSalt, now: Now) -> object:
        """A document, what was computed of one, a salt, or a batch of a feed, whose answer this gives."""
        match news:
            case FreshSalt():
                self._devices.forget_addresses()
                self._attendance.forget_addresses(now)
                footfall = self._guests.salt(news, self._shop, now)
                if footfall is not None:
                    self._emitter.emit("footfall.counted", now, At.of(now), footfall)
            case FeedBatch():
                answer = self._feeds.take(news, now)
                self._desk.orders.review(now)
                return answer
            case TokensReady():
                self._identity.use_tokens(news.serial, news.slot, news.table)
                for visitor, sighting in self._early.told(self._shop, now):
                    self._heard(visitor, sighting, now)
                if not self._identity.awaits_tables(now) and self._listening.can_tell(now):
                    self._attendance.expect_all(now)
            case DocumentReady():
                self._document(news, now)
        return None

    def _document(self, document: DocumentReady, now: Now) -> None:
        self._serials[document.name] = document.serial
        match document.content:
            case FloorPlan() as plan:
                self._shop = Shop.of(plan)
                self._rotating.use(plan)
                self._listening.keep(plan.receivers)
                self._beacons.use(self._shop)
                self._presences.use(self._shop)
                self._reactions.use(None, plan, now)
                self._attendance.use(self._shop, now)
            case Campaigns() as campaigns:
                self._reactions.use(campaigns, self._shop.plan, now)
                self._redemptions.use(campaigns)
                self._consents.use(campaigns)
                self._coupons.use(campaigns)
            case Issuers() as issuers:
                self._codes.use(issuers)
                self._coupons.trust(issuers)
            case Devices() as devices:
                self._devices.use(devices)
            case Members() as members:
                self._identity.use(members)
                self._erasure.use(members)
                self._feeds.review()
                self._desk.review()
                self._attendance.keep(self._identity.recognises, self._shop, now)
            case _:
                pass

    def _started(self, version: str, now: Now) -> None:
        data = {"version": version, "documents": dict(self._serials)}
        self._emitter.emit("gateway.started", now, At.of(now), data)
        saved, self._saved = self._saved, None
        if saved is not None:
            rejoin(self._state)
            give_up_commands(self._state)
            self._carry_on(saved, now)

    def _carry_on(self, last: Timeline, now: Now) -> None:
        """Go on after a pause, perhaps in another boot."""
        deaf_s = deaf_for_s(last, now)
        if last.boot_id != now.boot_id or (deaf_s or 0.0) > DEAF_AFTER_S:
            self._listen_anew(deaf_s, now)
        rebase(self._state, last, now, deaf_s or 0.0)
        self._attendance.begin(now)
        self._beacons.begin(now)
        self._redemptions.begin(now)
        self._desk.begin(now)
        if last.boot_id == now.boot_id:
            self._follow_clock(now)

    def _listen_anew(self, deaf_s: float | None, now: Now) -> None:
        """After a time of hearing nobody (None: nobody knows how long), no silence of before counts."""
        told_from_s = now.mono_s + (LONGEST_S if self._identity.awaits_tables(now) else 0.0)
        self._listening.begin(At.of(now), told_from_s=told_from_s)
        self._presences.forget_signals()
        if deaf_s is None or deaf_s > self._options.visit_gap_s:
            self._attendance.break_off(self._shop, now)

    def _timeline(self, now: Now) -> Timeline:
        """The instant to go on from; until `Started` moves them, the stored times are still those of the last run."""
        if self._saved is not None:
            return replace(self._saved, ids_made=self._state.ids_made, visits_made=self._state.visits_made)
        made = (self._state.ids_made, self._state.visits_made)
        return Timeline(now.boot_id, now.mono_s, now.utc_s, now.clock, *made)

    def _follow_clock(self, now: Now) -> None:
        """Tell head office when the wall clock became trustworthy or was set; then what is stored is dated by it."""
        last = self._state.timeline
        if last is None:
            return
        if last.boot_id != now.boot_id:
            self._carry_on(last, now)
            return
        step_s = set_by_s(last, now)
        if step_s is not None:
            data = {"from": last.clock, "to": now.clock, "step_s": round(step_s, 3) or 0.0}
            self._emitter.emit("clock.changed", now, At.of(now), data)
            redate(self._state, last, step_s)
