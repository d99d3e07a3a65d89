"""The watch on the shop's own beacons: what each says of itself and how it is heard, looked at from time to time.

Every half minute it is seen who fell silent, is weak or in two places; every five minutes the level is learned and all
is kept: so a shop at night costs a card one small commit in five minutes.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from gateway.core.beacons.contradiction import NEAR_DBM, Nearness, Spot, loudest_at_1_m_dbm, spots_of
from gateway.core.beacons.hearing import Hearing
from gateway.core.beacons.place import after_lesson
from gateway.core.beacons.report import facts, happened, is_due
from gateway.core.beacons.senders import Senders
from gateway.core.beacons.verdict import is_weak, verdict_on
from gateway.core.events import Emitter
from gateway.core.listening import Listening
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.model.beacons import BeaconState
from gateway.model.documents import Beacon
from gateway.model.sighting import BeaconTelemetry, SealedTelemetry, Sighting
from gateway.model.time import At, Now

LOOK_EVERY_S: Final = 30.0
LESSON_S: Final = 300.0
"""A lesson is a whole number of looks (seconds)."""
CONTRADICTIONS: Final = 5
"""So many packets within a look must contradict others before a clone is suspected."""


class BeaconWatch:
    """Keeps each beacon's state among the records, and in memory what was heard since the last lesson.

    Bounded by the floor plan: a beacon or receiver that is not in it is not watched. Of tags, which come and go, only
    the battery and contradictions count.
    """

    def __init__(self, state: State, listening: Listening, emitter: Emitter, shop: Shop) -> None:
        self._state = state
        self._listening = listening
        self._emitter = emitter
        self._senders = Senders()
        self._hearings: dict[str, Hearing] = {}
        self._near: dict[str, Nearness] = {}
        self._lesson_began_s = 0.0
        self._shop = shop
        self._spots: Mapping[str, Spot] = spots_of(shop.plan)
        self.deadline_s: float | None = None
        """When the next look is due (monotonic s); None while no beacon was ever heard."""

    def use(self, shop: Shop) -> None:
        """Watch the beacons of this shop; what was learned of another place is forgotten."""
        self._shop, self._spots = shop, spots_of(shop.plan)
        for gone in self._hearings.keys() - shop.plan.beacons.keys():
            del self._hearings[gone]
        for state in list(self._state.beacons.values()):
            beacon = shop.plan.beacons.get(state.beacon)
            if beacon is None:
                self._state.forget_beacon(state)
            elif (beacon.at, beacon.zone) != (state.at, state.zone):
                moved_there = replace(state, at=beacon.at, zone=beacon.zone, levels=(), astray=0, moved=False)
                self._state.save(moved_there)
            elif any(self._stands(level.receiver) != level.at for level in state.levels):
                kept = tuple(level for level in state.levels if self._stands(level.receiver) == level.at)
                self._state.save(replace(state, levels=kept))

    def begin(self, now: Now) -> None:
        """The gateway was deaf until now, or this is another boot."""
        self._hearings.clear()
        self._near.clear()
        self.deadline_s = None
        if self._state.beacons:
            self._expect(now)

    def hear(self, beacon: Beacon | None, sighting: Sighting, now: Now) -> None:
        """Take in a packet that names this beacon (None: one of another shop)."""
        rssi_dbm = sighting.rssi_dbm
        if beacon is None or rssi_dbm is None or sighting.receiver not in self._shop.plan.receivers:
            return
        if sighting.address is not None:
            self._senders.note(beacon.id, sighting.address)
        if rssi_dbm >= NEAR_DBM and self._contradicts(beacon, sighting.receiver, rssi_dbm, now):
            hearing = self._hearing(beacon.id, now)
            hearing.impossible += 1
            hearing.notice(now.mono_s, now.utc_s)
        if not beacon.mobile:
            self._hearing(beacon.id, now).hear(sighting.receiver, rssi_dbm, now.mono_s, now.utc_s)

    def hear_telemetry(
        self,
        address: str,
        told: BeaconTelemetry | SealedTelemetry,
        now: Now,
        opened: Callable[[str, SealedTelemetry, Now], BeaconTelemetry | None],
    ) -> None:
        """Take in what a transmitter measures of itself, if a beacon named itself from its address before.

        `opened` reads what only the beacon's key can open.
        """
        beacon = self._senders.beacon_at(address)
        if beacon is None or beacon not in self._shop.plan.beacons:
            return
        telemetry = opened(beacon, told, now) if isinstance(told, SealedTelemetry) else told
        if telemetry is not None:
            hearing = self._hearing(beacon, now)
            hearing.notice(now.mono_s, now.utc_s)
            hearing.battery_mv = telemetry.battery_mv
            hearing.temperature_c = telemetry.temperature_c

    def look(self, now: Now) -> None:
        """Judge every beacon, if it is time; learn from what was heard, if it is time for that too."""
        if self.deadline_s is None or now.mono_s < self.deadline_s:
            return
        lesson = now.mono_s % LESSON_S < LOOK_EVERY_S
        for name in sorted({*self._hearings, *self._state.beacons}):
            self._judge(self._shop.plan.beacons[name], lesson, now)
        if lesson:
            self._hearings.clear()
            self._near.clear()
            self._lesson_began_s = now.mono_s
        watches = bool(self._hearings or self._state.beacons)
        self.deadline_s = _next_look_s(now.mono_s) if watches else None

    def _judge(self, beacon: Beacon, lesson: bool, now: Now) -> None:
        known, hearing = self._state.beacons.get(beacon.id), self._hearings.get(beacon.id)
        state = known or BeaconState(beacon.id, At.of(now), "ok", At.of(now), at=beacon.at, zone=beacon.zone)
        if hearing is not None:
            state = self._told_by(hearing, state, now)
            if not beacon.mobile:
                state = self._rated(hearing, state, now, lesson)
                state = self._placed(hearing, state) if lesson else state
            hearing.impossible = 0
        verdict = verdict_on(
            state,
            mobile=beacon.mobile,
            listened_since_s=self._listening.since_s(state.heard_by),
            mono_s=now.mono_s,
        )
        if verdict != state.verdict:
            state = replace(state, verdict=verdict, since=At.of(now))
        if is_due(state, now.mono_s):
            at = happened(state, At.of(now))
            self._emitter.emit("beacon.reported", now, at, facts(state))
            state = replace(state, told=verdict, told_at=At.of(now))
        elif known is not None and not lesson and (verdict, state.cloned) == (known.verdict, known.cloned):
            return
        if state != known:
            self._state.save(state)

    def _told_by(self, hearing: Hearing, state: BeaconState, now: Now) -> BeaconState:
        """What any packet tells: that there is the beacon, its battery, whether it is in two places."""
        celsius = hearing.temperature_c
        return replace(
            state,
            heard=At(round(hearing.last_s, 3), round(hearing.last_utc_s, 3)),
            battery_mv=hearing.battery_mv or state.battery_mv,
            temperature_c=state.temperature_c if celsius is None else round(celsius, 1),
            weak=is_weak(hearing.battery_mv, state.weak),
            cloned=At.of(now) if hearing.impossible >= CONTRADICTIONS else state.cloned,
        )

    def _rated(self, hearing: Hearing, state: BeaconState, now: Now, lesson: bool) -> BeaconState:
        """What many packets tell: who hears it, its rhythm, and how often it is heard (at first by a short look)."""
        per_minute = state.per_minute
        if lesson or per_minute is None:
            per_minute = round(60.0 * hearing.packets / max(1.0, now.mono_s - self._lesson_began_s), 1)
        heard_by = tuple(sorted(hearing.levels)) or state.heard_by
        return replace(state, heard_by=heard_by, interval_s=hearing.interval_s, per_minute=per_minute)

    def _placed(self, hearing: Hearing, state: BeaconState) -> BeaconState:
        """What a lesson tells: whether it is where it was, by the receivers that listened all the while."""
        began_s = self._lesson_began_s
        attentive = {
            level.receiver
            for level in state.levels
            if (since_s := self._listening.since_s((level.receiver,))) is not None and since_s <= began_s
        }
        stands = {receiver: self._stands(receiver) for receiver in hearing.levels}
        return after_lesson(state, hearing.medians(), hearing.packets, attentive, stands)

    def _contradicts(self, beacon: Beacon, receiver: str, rssi_dbm: float, now: Now) -> bool:
        near = self._near.get(beacon.id)
        if near is None:
            near = self._near[beacon.id] = Nearness(loudest_at_1_m_dbm(self._state.beacons.get(beacon.id)))
        return near.contradicts(receiver, rssi_dbm, now.mono_s, self._spots)

    def _hearing(self, beacon: str, now: Now) -> Hearing:
        hearing = self._hearings.get(beacon)
        if hearing is None:
            hearing = self._hearings[beacon] = Hearing.after(self._state.beacons.get(beacon), now)
            if self.deadline_s is None:
                self._expect(now)
        return hearing

    def _expect(self, now: Now) -> None:
        self._lesson_began_s = now.mono_s
        self.deadline_s = _next_look_s(now.mono_s)

    def _stands(self, receiver: str) -> tuple[float, float] | None:
        known = self._shop.plan.receivers.get(receiver)
        return known.at if known is not None else None


def _next_look_s(mono_s: float) -> float:
    return (mono_s // LOOK_EVERY_S + 1) * LOOK_EVERY_S
