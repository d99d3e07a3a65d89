"""How presence and visits are judged: the `[presence]` table of the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CoreOptions:
    """Presence and visits; the defaults suit a shop with a receiver or two a zone.

    Attributes:
        smoothing: Weight of the newest packet in a receiver's smoothed level, 0 to 1.
        switch_margin_db: How much louder another zone must be than the present one to take a visitor over (dB), where
            zones are judged by receivers' zones alone; the same of probability, where their positions or a survey tell
            more, is `switch_lead`.
        switch_lead: How much more probable another zone must be than the present one, 0 to 1: what a wrong or flapping
            zone costs against one told late.
        zone_confidence: A visitor's first zone is told from this probability on, 0 to 1; below it is unknown.
        storefront_weight: How many visitors greeted late weigh as much as one passer-by greeted.
        expiry_intervals: A visitor left a zone after this many of its transmitter's own intervals without a packet.
        expiry_min_s: Never sooner than this (seconds).
        expiry_max_s: Never later than this (seconds); half of it while the interval is not known yet.
        visit_gap_s: A visit ends when its visitor was not in the shop for this long (seconds).
        receiver_lost_after_s: While a receiver is down its visitors are kept for this long after their last evidence
            (seconds).
        dwell_marks_s: Stays that become a `zone.dwelled` event (seconds), beside those that campaigns ask for.
        visit_gap_by_kind_s: The same as `visit_gap_s` for who was last in a zone of this kind: who comes again sooner
            goes on with the visit.
        dwell_marks_by_kind_s: The same as `dwell_marks_s` for zones of this kind.
        closing_grace_s: Visits end so long after the shop's opening hours (seconds).
        member_share: How many of all visitors are recognised members, above 0 to 1, where that is known: counts of
            members become counts of people by it.
        queue_after_s: Who has been in a zone of kind `checkout` for this long waits there (seconds).
        queue_long: A queue is long from so many on: people where the members' share is known, else members.
        queue_short: It is short again down from so many.
        queue_rest_s: A queue is told of at most once in this time (seconds).
    """

    smoothing: float = 0.3
    switch_margin_db: float = 6.0
    switch_lead: float = 0.4
    zone_confidence: float = 0.2
    storefront_weight: float = 3.0
    expiry_intervals: float = 6.0
    expiry_min_s: float = 15.0
    expiry_max_s: float = 120.0
    visit_gap_s: float = 300.0
    receiver_lost_after_s: float = 1800.0
    dwell_marks_s: tuple[float, ...] = (60.0, 300.0, 900.0)
    visit_gap_by_kind_s: Mapping[str, float] = field(default_factory=lambda: {"fitting": 900.0, "pickup": 600.0})
    dwell_marks_by_kind_s: Mapping[str, tuple[float, ...]] = field(
        default_factory=lambda: {"checkout": (60.0, 180.0, 300.0)}
    )
    closing_grace_s: float = 900.0
    member_share: float | None = None
    queue_after_s: float = 20.0
    queue_long: int = 4
    queue_short: int = 2
    queue_rest_s: float = 600.0

    def visit_gap_of_s(self, kind: str | None) -> float:
        """How long a visitor last seen in a zone of this kind may be away (seconds)."""
        return self.visit_gap_by_kind_s.get(kind or "", self.visit_gap_s)

    def dwell_marks_of_s(self, kind: str | None) -> tuple[float, ...]:
        """The dwell marks of zones of this kind (seconds)."""
        return tuple(self.dwell_marks_by_kind_s.get(kind or "", self.dwell_marks_s))

    def __post_init__(self) -> None:
        if not 0.0 < self.smoothing <= 1.0:
            msg = f"smoothing is {self.smoothing:g}: write a weight above 0 and at most 1"
            raise ValueError(msg)
        for name in ("switch_lead", "zone_confidence"):
            if not 0.0 <= getattr(self, name) < 1.0:
                msg = f"{name} is {getattr(self, name):g}: write a probability, at least 0 and below 1"
                raise ValueError(msg)
        if self.storefront_weight <= 0.0:
            msg = f"storefront_weight is {self.storefront_weight:g}: write more than 0, 1 for no difference"
            raise ValueError(msg)
        if not 0.0 < self.expiry_min_s <= self.expiry_max_s:
            msg = f"expiry_min_s is {self.expiry_min_s:g}: write more than 0 and at most expiry_max_s"
            raise ValueError(msg)
        if self.member_share is not None and not 0.0 < self.member_share <= 1.0:
            msg = f"member_share is {self.member_share:g}: write a share above 0 and at most 1, or leave it out"
            raise ValueError(msg)
        if not 0 <= self.queue_short < self.queue_long:
            msg = f"queue_short is {self.queue_short}: write 0 or more and less than queue_long"
            raise ValueError(msg)
        self._check_times()

    def _check_times(self) -> None:
        patience = ("visit_gap_s", "receiver_lost_after_s", "closing_grace_s", "queue_after_s", "queue_rest_s")
        for name in ("switch_margin_db", "expiry_intervals", *patience):
            if getattr(self, name) < 0.0:
                msg = f"{name} is {getattr(self, name):g}: write 0 or more"
                raise ValueError(msg)
        for kind, gap_s in self.visit_gap_by_kind_s.items():
            if gap_s < 0.0:
                msg = f"visit_gap_by_kind_s of {kind} is {gap_s:g}: write 0 or more"
                raise ValueError(msg)
        of_kinds = {f"dwell_marks_by_kind_s of {kind}": marks_s for kind, marks_s in self.dwell_marks_by_kind_s.items()}
        for name, marks_s in {"dwell_marks_s": self.dwell_marks_s, **of_kinds}.items():
            if any(mark <= 0.0 for mark in marks_s):
                msg = f"{name} has a mark that is not above 0: write seconds"
                raise ValueError(msg)
