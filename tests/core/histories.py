"""Random histories: what happens to three members in a shop over some days, and a shop that only counts offers."""

from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from gateway.core.offers.decide import decide
from gateway.core.offers.exposure import exposed
from gateway.core.offers.expression import compile_audience
from gateway.core.offers.snapshot import Snapshot
from gateway.model.decision import Decision, Exposure, Moment, Offered
from gateway.model.documents import Campaign, Campaigns, Cap, Follows, Lease, Member, Schedule, Trigger, Variant, Zone
from gateway.model.time import At, Now, from_rfc3339
from gateway.model.visit import Assurance
from tests.core.offers import CONTENT, NOON, PLAN

HANDLES: Final = ("a", "b", "c")
SALT: Final = "2026"
SHOP: Final = replace(PLAN, zones={**PLAN.zones, "fitting": Zone("fitting", "fitting", sensitive=True)})
_SNEAKERS: Final = "'sneakers' in member.segments"
_AUDIENCES: Final = (compile_audience(_SNEAKERS), compile_audience(f"{_SNEAKERS} || visit.dwell_s > 9.0"))
"""All for the same members; the index finds the first by its segment, and leaves the second to its rule."""

_STARTS: Final = (NOON, from_rfc3339("2026-03-28T20:00:00Z"), from_rfc3339("2026-10-24T20:00:00Z"))
"""A plain day, and the evenings before the clocks of Paris go forward and back."""
_PAUSES_S: Final = (1.0, 1.0, 60.0, 1_000.0, 20_000.0, -3_600.0)
_ZONES: Final = ("door", "shoes", "shoes", "shoes", "coats", "fitting")
_EVERYTHING: Final = frozenset({"offers", "retarget"})
_LONG_AGO_S: Final = from_rfc3339("2024-01-01T00:00:00Z")
_CAPS: Final = (Cap("member", 1, "day"), Cap("member", 2), Cap("visit", 1), Cap("member", 2, "day"))
_OVER_ALL: Final = (*_CAPS, *(replace(cap, category="shoes") for cap in _CAPS))
_QUIET: Final[tuple[dict[str, tuple[str, str]], ...]] = (
    {},
    {},
    {"app": ("20:00", "09:00")},
    {"app": ("12:00", "15:00"), "push": ("00:00", "06:00")},
)
_BY_CHANNEL: Final[tuple[dict[str, int], ...]] = ({}, {}, {}, {"push": 1}, {"app": 2}, {"push": 0, "app": 1})


@dataclass(frozen=True, slots=True)
class Happening:
    """One moment of one member, and what is in force then."""

    moment: Moment
    now: Now
    member: Member
    document: Campaigns


def history(dice: Random) -> list[Happening]:
    """Up to sixty moments, most often a dozen; now and then a new document, another consent, a clock that steps."""
    documents = [_document(dice)]
    members = {handle: _member(dice, handle) for handle in HANDLES}
    visits = dict.fromkeys(HANDLES, 0)
    utc_s = dice.choice(_STARTS)
    happened: list[Happening] = []
    for _ in range(dice.randint(1, dice.choice((8, 8, 20, 60)))):
        utc_s += dice.choice(_PAUSES_S)
        handle = dice.choice(HANDLES)
        chance = dice.random()
        if chance < 0.03:
            documents.append(_changed(dice, documents[-1]))
        elif chance < 0.06:
            members[handle] = _member(dice, handle)
        visits[handle] += chance > 0.7
        visit = None if chance > 0.95 else f"v.{handle}{visits[handle]}"
        now = Now(0.0, _LONG_AGO_S, "unset", "boot") if 0.06 < chance < 0.08 else Now(0.0, utc_s, "synced", "boot")
        zone, assurance = dice.choice(_ZONES), dice.choice(tuple(Assurance))
        moment = Moment("zone_entered", At(0.0, now.utc_s), f"m.{handle}", visit, zone, assurance)
        happened.append(Happening(moment, now, members[handle], documents[-1]))
    return happened


@dataclass
class Counted:
    """A shop that decides, and counts as the gateway does. `order` deals out each document's campaigns anew."""

    order: Random | None = None
    _exposures: dict[str, dict[str, Exposure]] = field(default_factory=lambda: {handle: {} for handle in HANDLES})
    _made: Counter[str] = field(default_factory=Counter)
    _snapshot: Snapshot | None = None
    _document: Campaigns | None = None

    def meet(self, happening: Happening) -> tuple[Decision, ...]:
        """What is decided, and counted from now on."""
        if happening.document is not self._document:
            self._take(happening.document)
        assert self._snapshot is not None
        moment, now, known = happening.moment, happening.now, self._exposures[happening.member.handle]
        used = self._snapshot.groups_used(moment.visit, known)
        decisions = decide(self._snapshot, moment, happening.member, known, used, now, self._made.__getitem__)
        for made in decisions:
            if isinstance(made, Offered):
                known[made.campaign] = exposed(known.get(made.campaign), made, self._snapshot.local_day(now))
                self._made[made.campaign] += 1
        return decisions

    def _take(self, document: Campaigns) -> None:
        dealt = list(document.campaigns)
        if self.order is not None:
            self.order.shuffle(dealt)
        self._document, self._snapshot = document, Snapshot.of(replace(document, campaigns=tuple(dealt)), SHOP)


def _document(dice: Random) -> Campaigns:
    return Campaigns(
        serial=1,
        campaigns=tuple(_campaign(dice, f"c{number}") for number in range(dice.randint(1, 5))),
        content=CONTENT,
        holdout_salt=SALT,
        holdout_per_10000=dice.choice((0, 0, 0, 2_000)),
        caps=tuple(dice.sample(_OVER_ALL, dice.choice((0, 0, 1, 2)))),
        contacts_per_day=dice.choice((None, None, 2, 4)),
        at_once=dice.choice((None, None, None, 1, 2)),
    )


def _changed(dice: Random, document: Campaigns) -> Campaigns:
    """Head office thinks again: one campaign is written anew under its id, or all are stopped, or go on."""
    if document.stopped or dice.random() < 0.1:
        return replace(document, stopped=not document.stopped)
    place = dice.randrange(len(document.campaigns))
    anew = _campaign(dice, document.campaigns[place].id)
    return replace(document, campaigns=(*document.campaigns[:place], anew, *document.campaigns[place + 1 :]))


def _campaign(dice: Random, name: str) -> Campaign:
    choice = dice.choice
    return Campaign(
        id=name,
        trigger=choice((Trigger("zone_entered"), Trigger("zone_entered"), Trigger("zone_entered", zone="shoes"))),
        variants=choice(((Variant("a", 1, "hello"),), (Variant("a", 1, "hello"), Variant("b", 1, "other")))),
        purpose=choice(("offers", "offers", "offers", "retarget")),
        audience=choice((None, None, None, None, *_AUDIENCES)),
        schedule=choice((Schedule(), Schedule(), Schedule(), Schedule(dayparts=(("10:00", "19:00"),)))),
        zones=choice((*(frozenset[str](),) * 4, frozenset({"coats"}), frozenset({"shoes", "coats"}))),
        min_assurance=choice((Assurance.CLAIMED,) * 4 + (Assurance.PROXIMATE, Assurance.PROVEN)),
        priority=dice.randrange(3),
        category=choice((None, "shoes")),
        exclusive_group=choice((None, None, "g")),
        caps=choice(((), (choice(_CAPS),))),
        cooldown_s=choice((None, None, None, 600.0, 90_000.0)),
        follows=choice((None,) * 6 + (Follows("c0"), Follows("c0", 900.0))),
        quiet_hours=choice(_QUIET),
        lease=choice((None, None, Lease(3), Lease(5, NOON + 20_000.0))),
        control_per_10000=choice((0, 0, 0, 3_000)),
        channels=choice((("app",), ("app",), ("push", "app"), ("push", "app"), ("display", "app"), ("display",))),
        stopped=dice.random() < 0.03,
        stores=choice((frozenset[str](),) * 6 + (frozenset({"north"}), frozenset({"0042", "south"}))),
        benefit=choice((None, {"kind": "percent", "value": 10})),
        alone=dice.random() < 0.1,
    )


def _member(dice: Random, handle: str) -> Member:
    """Most agreed to everything; `channels` None is one who was never asked."""
    return Member(
        handle,
        purposes=dice.choice((*(_EVERYTHING,) * 6, frozenset({"offers"}), frozenset({"presence"}))),
        segments=dice.choice(((), ("sneakers",), ("sneakers",))),
        units={"brand": dice.randrange(99)},
        minor=dice.random() < 0.05,
        contacts={"2026-01-05": dice.randrange(4)},
        channels=dice.choice((None, None, None, frozenset({"push"}), frozenset({"app"}))),
        caps=dice.choice(_BY_CHANNEL),
    )
