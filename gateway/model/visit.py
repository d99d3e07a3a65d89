"""Visitors, where they are, and the record of their visit: what is stored and survives a restart."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from gateway.model.time import At

VisitorKind = Literal["member", "tag"]
EndCause = Literal["left", "silent", "closing", "receiver_lost", "restart", "consent", "handover"]


class Assurance(IntEnum):
    """How sure an identity is; its lower-case name is what goes on the wire."""

    CLAIMED = 0
    PROXIMATE = 1
    PROVEN = 2

    @property
    def wire(self) -> str:
        """`claimed`, `proximate` or `proven`."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a sighting is of: `subject` is `m.` and a member's handle or `b.` and a tag's beacon id."""

    subject: str
    kind: VisitorKind
    assurance: Assurance


@dataclass(frozen=True, slots=True)
class ZoneStay:
    """A stretch of a visit in one zone; `until` is None while it lasts.

    `confidence` is the highest that the zone was told with, 0 to 1; `dwelled_s` are the dwell marks made.
    """

    zone: str
    since: At
    until: At | None = None
    confidence: float = 0.5
    dwelled_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: from first to last evidence.

    `seen` is the last evidence when the visitor last changed zone; the presence knows the latest. `told` are the
    (campaign, reason) refusals already sent upstream. `earlier` are the seconds by zone of stays that `zones` has no
    room for; `entered_by` is the way in, where the evidence shows one. `split_at` is the end of the visit that this one
    was split from: nothing that is told later dates it back beyond.
    """

    id: str
    subject: str
    kind: VisitorKind
    started: At
    seen: At
    zones: tuple[ZoneStay, ...] = ()
    media: tuple[str, ...] = ()
    assurance: Assurance = Assurance.CLAIMED
    told: frozenset[tuple[str, str]] = frozenset()
    earlier: tuple[tuple[str, float], ...] = ()
    entered_by: str | None = None
    split_at: At | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """Where a visitor is now. Signals are smoothed in memory; all else here survives a restart.

    `zone` is None while unknown, `confidence` how probable it is, 0 to 1; `level_dbm` is the smoothed strength in it
    when last decided; `interval_s` is the learned gap between what is heard of the transmitter; `anchors` are the
    receivers or beacons that put it there; `heard` is the evidence, as (anchor, dBm), that no decision has taken in
    yet; `packet` is when the first receiver told of the latest packet, `spread_s` the learned time within which all
    have told of one; `indoors` is the last evidence inside the shop, `placed` the last that spoke for this zone;
    `dwelled_s` are the dwell marks already made in this zone; `stayed_on` that its visit ended because the shop closed;
    `unsaid` that it is in a sensitive zone, which is all that is kept of that.
    """

    subject: str
    kind: VisitorKind
    zone: str | None
    since: At
    seen: At
    visit: str | None = None
    level_dbm: float | None = None
    interval_s: float | None = None
    anchors: tuple[str, ...] = ()
    heard: tuple[tuple[str, float], ...] = ()
    packet: At | None = None
    spread_s: float | None = None
    indoors: At | None = None
    placed: At | None = None
    dwelled_s: tuple[float, ...] = ()
    media: tuple[str, ...] = ()
    assurance: Assurance = Assurance.CLAIMED
    confidence: float = 0.5
    stayed_on: bool = False
    unsaid: bool = False

    def after_evidence(
        self,
        seen: At,
        interval_s: float | None,
        heard: tuple[tuple[str, float], ...],
        packet: At | None,
        spread_s: float | None,
        media: tuple[str, ...],
        assurance: Assurance,
    ) -> "Presence":
        """The presence with what a sighting changes; `dataclasses.replace` takes three times as long for each."""
        return Presence(
            self.subject,
            self.kind,
            self.zone,
            self.since,
            seen,
            self.visit,
            self.level_dbm,
            interval_s,
            self.anchors,
            heard,
            packet,
            spread_s,
            self.indoors,
            self.placed,
            self.dwelled_s,
            media,
            assurance,
            self.confidence,
            self.stayed_on,
            self.unsaid,
        )
