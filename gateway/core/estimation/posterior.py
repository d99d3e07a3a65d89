"""A belief in places for every visitor, moved by time and sharpened by every burst that is heard."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from statistics import fmean
from typing import Final

from gateway.core.estimation.decision import Costs, Left, decided
from gateway.core.estimation.drift import Drift
from gateway.core.estimation.field import MODEL_SPREAD_DB, Field
from gateway.core.estimation.front import Course, Front
from gateway.core.estimation.motion import Belief, Motion, prior
from gateway.core.estimation.noise import Noise
from gateway.core.estimation.places import Places
from gateway.core.estimation.placing import PART, Doubt, Placement, Way, doubted, judged_by
from gateway.model.health import Condition
from gateway.model.visit import Presence

FLOOR: Final = 1e-9
"""No place is ever ruled out, shared by all of them: a belief that was wrong recovers."""
STORED_SHARE: Final = 0.7
"""How far the zone that a restart or a long silence left behind is believed."""
FORGET_S: Final = 60.0
"""After a silence of this length only the zone counts, not the place (seconds)."""
PLACINGS_A_S: Final = 400.0
"""Visitors judged in a second, at most: with more of them at once each is judged less often, by all that it said."""
LATE_S: Final = 0.5
"""A longer pause between two judgements of a visitor is told (seconds)."""
LEARN_S: Final = 2.5
"""How soon a transmitter's strength is learned (seconds), from at least `FEWEST_ERRORS` anchors, up to `MOST_DB`."""
STRONGER_S: Final = 40.0
"""How soon that it is stronger than what the survey was made with is learned: who stands near sounds so too."""
FEWEST_ERRORS: Final = 2
MOST_DB: Final = 15.0
ANCHORS_KEPT: Final = 3
"""Those that hear a visitor best: it is held while one of them is down."""

Heard = Iterable[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class _Track:
    belief: Belief
    at_s: float
    course: Course | None
    weaker_db: tuple[float, float]
    """How much weaker than expected receivers hear the visitor, and its phone the shop's beacons."""
    left: tuple[str, float] | None = None
    """The zone that was told before the present one, and until when (monotonic s)."""


class Located:
    """A recursive Bayesian filter (a histogram filter) over places, one belief a subject.

    A belief takes four bytes a place; there is one for each visitor present, and one more for none.
    """

    def __init__(
        self,
        way: Way,
        places: Places,
        field: Field,
        motion: Motion,
        costs: Costs,
        *,
        front: Front | None = None,
        drift: Drift | None = None,
    ) -> None:
        self.way = way
        self._places = places
        self._field = field
        self._motion = motion
        self._costs = costs
        self._front = front
        self._tracks: dict[str, _Track] = {}
        self._noise = Noise() if way in {"positions", "adjacency"} else None
        self._drift = drift

    @property
    def pause_s(self) -> float:
        """How long a visitor waits to be judged again, for there are so many (seconds)."""
        return len(self._tracks) / PLACINGS_A_S

    def condition(self) -> Condition:
        """As `Placing`."""
        if self._drift is not None and self._drift.doubted:
            return doubted(self._drift.doubted)
        if self.pause_s <= LATE_S:
            return judged_by(self.way)
        hint = f"{len(self._tracks)} visitors at once: each is judged every {self.pause_s:.1f} s, until some leave."
        values = {"count": len(self._tracks), "every_s": round(self.pause_s, 1)}
        return Condition(PART, "zones_late", "warning", hint, values)

    def place(self, presence: Presence) -> Placement | None:
        """As `Placing`."""
        heard = self._levels(presence.heard)
        if not heard:
            return Placement(presence.zone, 0.5, presence.level_dbm, presence.anchors, speaks=False)
        now_s = presence.seen.mono_s
        track = self._tracks.get(presence.subject)
        if track is not None and 0.0 <= now_s - track.at_s < self.pause_s:
            return None
        weaker_db = track.weaker_db if track is not None else (0.0, 0.0)
        levels = {anchor: dbm + weaker_db[anchor.startswith("b.")] for anchor, dbm in heard.items()}
        trusted = self._drift.trusted(levels) if self._drift is not None else levels
        belief = self._sharpened(self._aged(track, presence, now_s), trusted)
        place = belief.index(max(belief))
        errors_db = {anchor: self._field.surprise_db(anchor, dbm, place) for anchor, dbm in levels.items()}
        self._compare(errors_db, place)
        course = self._course(track, belief, now_s)
        gap_s = now_s - track.at_s if track is not None else 0.0
        zone, confidence = self._decided(belief, course, presence.zone, track, now_s)
        left = track.left if track is not None else None
        if presence.zone is not None and presence.zone != zone:
            left = presence.zone, now_s
        weaker_db = self._learned(weaker_db, {anchor: errors_db[anchor] for anchor in trusted}, gap_s)
        self._tracks[presence.subject] = _Track(belief, now_s, course, weaker_db, left)
        return Placement(
            zone=zone,
            confidence=round(confidence, 2),
            level_dbm=max(heard.values()),
            anchors=_loudest(heard, presence.anchors),
            speaks=True,
        )

    def doubts(self) -> Mapping[str, Doubt | None]:
        """As `Placing`."""
        return self._drift.news() if self._drift is not None else {}

    def forget(self, subject: str) -> None:
        """As `Placing`."""
        self._tracks.pop(subject, None)

    def forget_all(self) -> None:
        """As `Placing`."""
        self._tracks.clear()

    def _levels(self, heard: Heard) -> dict[str, float]:
        """The mean level of each anchor that the field knows (dBm)."""
        readings: dict[str, list[float]] = {}
        for anchor, rssi_dbm in sorted(heard, key=itemgetter(0)):
            if anchor in self._field:
                readings.setdefault(anchor, []).append(rssi_dbm)
        return {anchor: sum(levels) / len(levels) for anchor, levels in readings.items()}

    def _aged(self, track: _Track | None, presence: Presence, now_s: float) -> Belief:
        if track is not None and now_s - track.at_s <= FORGET_S:
            return self._motion.spread(track.belief, now_s - track.at_s)
        start = prior(self._places)
        if presence.zone not in self._places.zones:
            return start
        part = self._places.slices[self._places.zones.index(presence.zone)]
        there = STORED_SHARE / (part.stop - part.start)
        return array(
            "d",
            (
                (1 - STORED_SHARE) * share + (there if part.start <= place < part.stop else 0.0)
                for place, share in enumerate(start)
            ),
        )

    def _compare(self, errors_db: Mapping[str, float], place: int) -> None:
        """What this burst says of the anchors, and of how well readings agree in this shop."""
        if self._drift is not None:
            self._drift.hear(errors_db, place)
        if self._noise is not None:
            self._noise.hear(tuple(errors_db.values()), MODEL_SPREAD_DB)
            self._field.narrow(self._noise.share)

    def _learned(
        self, weaker_db: tuple[float, float], errors_db: Mapping[str, float], gap_s: float
    ) -> tuple[float, float]:
        """A transmitter weaker than the field expects would look far from everything."""
        if not self._places.drawn:
            return weaker_db  # clusters differ by which anchors are heard: a level that is off is learned from none
        after = list(weaker_db)
        for side in (False, True):
            errors = [error_db for anchor, error_db in errors_db.items() if anchor.startswith("b.") is side]
            if len(errors) >= FEWEST_ERRORS:
                after[side] = self._corrected(weaker_db[side], fmean(errors), gap_s)
        return after[0], after[1]

    def _corrected(self, weaker_db: float, error_db: float, gap_s: float) -> float:
        """How much weaker it is, when it was heard so much louder than expected; below zero it is stronger.

        Without a survey never: a strong one looks near to whatever hears it best, which is no mistake.
        """
        corrected_db = weaker_db - min(1.0, gap_s / LEARN_S) * error_db
        if corrected_db >= 0.0:
            return min(MOST_DB, corrected_db)
        if self.way != "survey" or weaker_db > 0.0:
            return 0.0
        return max(-MOST_DB, weaker_db - min(1.0, gap_s / STRONGER_S) * error_db)

    def _course(self, track: _Track | None, belief: Belief, now_s: float) -> Course | None:
        if self._front is None:
            return None
        fresh = track is not None and now_s - track.at_s <= FORGET_S
        before = track.course if track is not None and fresh else None
        return self._front.course(before, belief, now_s - track.at_s if track is not None else 0.0)

    def _decided(
        self, belief: Belief, course: Course | None, told: str | None, track: _Track | None, now_s: float
    ) -> tuple[str | None, float]:
        zones, costs = self._places.zones, self._costs
        shares = [sum(belief[part]) for part in self._places.slices]
        if self._front is None or course is None:
            outdoors = sum(share for share, outside in zip(shares, costs.outdoors, strict=True) if outside)
        else:
            outdoors = self._front.outdoor_share(belief, course)
        current = zones.index(told) if told in zones else None
        before = track.left if track is not None else None
        left = Left(zones.index(before[0]), now_s - before[1]) if before is not None and before[0] in zones else None
        verdict = decided(shares, outdoors, current, costs, at_first=track is None, left=left)
        return told if verdict.zone is None else zones[verdict.zone], verdict.confidence

    def _sharpened(self, belief: Belief, levels: Mapping[str, float]) -> Belief:
        """Bayes' rule, once for all anchors of the burst."""
        likelihoods, floor = self._field.likelihoods(levels), FLOOR / len(belief)
        after = [mass * likelihood + floor for mass, likelihood in zip(belief, likelihoods, strict=True)]
        total = sum(after)
        return array("f", [mass / total for mass in after])


def _loudest(levels: dict[str, float], before: tuple[str, ...]) -> tuple[str, ...]:
    """The anchors that hear a visitor best, filled up by those that did before."""
    ranked = sorted(sorted(levels), key=levels.__getitem__, reverse=True)[:ANCHORS_KEPT]
    others = [anchor for anchor in before if anchor not in levels]
    return tuple(sorted([*ranked, *others[: ANCHORS_KEPT - len(ranked)]]))
