"""What one shop's gateway has to tell: visitors who come, look, get an offer or not, and go."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from gateway.model.event import Event
from gateway.model.time import rfc3339

VISITORS: Final = 12
"""Visitors in the shop at once; as one leaves, another comes."""

_ZONES: Final = ("entrance", "shoes", "jackets", "fitting", "checkout")
_TELEMETRY_SHARE: Final = 0.02

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Fact:
    stream: str
    type: str
    subject: str | None
    content: Fields


class ShopTraffic:
    """The endless events of one incarnation; the same seed and the same times give the same events."""

    def __init__(self, incarnation: str, seed: int) -> None:
        self._incarnation = incarnation
        self._chance = random.Random(seed)
        self._sequences: Counter[str] = Counter()
        self._visitors = [self._visit() for _ in range(VISITORS)]
        self._began = False

    def next(self, utc_s: float) -> Event:
        """The next thing that happens, at `utc_s` (seconds since 1970); its stream counts it from 1 without a gap."""
        fact = self._fact(rfc3339(utc_s))
        self._sequences[fact.stream] += 1
        return Event(
            id=str(self._uuid7(utc_s)),
            incarnation=self._incarnation,
            stream=fact.stream,
            sequence=self._sequences[fact.stream],
            type=fact.type,
            subject=fact.subject,
            time_utc_s=utc_s,
            recorded_utc_s=utc_s,
            data={key: rfc3339(utc_s) if value is ... else value for key, value in fact.content.items()}
            | {"clock": "synced"},
        )

    def _fact(self, at: str) -> _Fact:
        if not self._began:
            self._began = True
            return _Fact("telemetry", "gateway.started", None, {"version": "0", "documents": {}})
        if self._chance.random() < _TELEMETRY_SHARE:
            status = self._chance.choice(("up", "down"))
            return _Fact("telemetry", "receiver.changed", None, {"receiver": "gw-1", "status": status})
        place = self._chance.randrange(VISITORS)
        fact = next(self._visitors[place], None)
        if fact is None:
            self._visitors[place] = self._visit()
            fact = next(self._visitors[place])
        return fact

    def _visit(self) -> Iterator[_Fact]:
        """One visit from its start to its end; `...` stands for the time at which a fact is told."""
        subject, visit = f"m.{self._chance.getrandbits(60):012x}", f"v.{self._chance.getrandbits(64):016x}"
        witnessed: Fields = {
            "visit": visit,
            "assurance": "proximate",
            "media": ["ble"],
            "evidence_at": ...,
        }
        yield _Fact("visit", "visit.started", subject, {"zone": "entrance", **witnessed})
        for zone in self._chance.sample(_ZONES, k=self._chance.randint(2, len(_ZONES))):
            confidence = round(self._chance.uniform(0.6, 1), 3)
            entered: Fields = {"zone": zone, "confidence": confidence, **witnessed}
            stay: Fields = {**entered, "from_at": ..., "until_at": ..., "dwell_s": 60.0}
            yield _Fact("visit", "zone.entered", subject, entered)
            yield self._offer(subject, visit, zone)
            yield _Fact("visit", "zone.dwelled", subject, stay)
            yield _Fact("visit", "zone.left", subject, {**stay, "reason": "moved"})
        stays: Fields = {"zones": [], "dwell": [], "entered_by": "entrance", "left_by": "entrance"}
        ended: Fields = {"started_at": ..., "ended_at": ..., **stays, "cause": "left", **witnessed}
        yield _Fact("visit", "visit.ended", subject, ended)

    def _offer(self, subject: str, visit: str, zone: str) -> _Fact:
        campaign: Fields = {"visit": visit, "campaign": f"{zone}-2026", "moment": "zone_entered"}
        if self._chance.random() < 0.3:
            made: Fields = {"variant": "a", "content": zone, "language": "fr", "channel": "app"}
            return _Fact("offer", "offer.made", subject, {**campaign, **made})
        return _Fact("offer", "offer.withheld", subject, {**campaign, "reason": "cap", "would_have_shown": None})

    def _uuid7(self, utc_s: float) -> UUID:
        """RFC 9562, 5.7: 48 bits of milliseconds, then chance around version and variant."""
        chance = self._chance.getrandbits(74)
        number = int(utc_s * 1000) << 80 | 7 << 76 | (chance >> 62) << 64 | 2 << 62 | chance & (1 << 62) - 1
        return UUID(int=number)
