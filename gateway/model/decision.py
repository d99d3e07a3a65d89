"""Moments and what was decided about them: a "no" is a value with its reason, stored like a "yes"."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.model.time import At
from gateway.model.visit import Assurance


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that may deserve a reaction.

    `kind` is the trigger's name in a campaign (`gateway.documents.trigger.TRIGGERS`). `dwell_s` goes with staying
    in a zone, `marker` with a scan or tap of a marker of the shop, `product` (GTIN-14) with what is about one,
    `away_s` with coming back: how long the member was gone (seconds).
    """

    kind: str
    at: At
    subject: str | None
    visit: str | None
    zone: str | None
    assurance: Assurance = Assurance.CLAIMED
    marker: str | None = None
    dwell_s: float | None = None
    product: str | None = None
    away_s: float | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """A campaign's offer made to a visitor: `content` names the words in `language`, `channel` where they are shown."""

    at: At
    subject: str
    visit: str | None
    campaign: str
    moment: str
    variant: str
    content: str
    language: str
    channel: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """A campaign that fired and was refused. `reason` is a stable code, `says` a sentence for a person.

    `values` are what the sentence names, for words in other languages; `case` tells sentences of one reason apart.
    `would_have_shown` names the content that a member of the control group or holdout did not get.
    """

    at: At
    subject: str
    visit: str | None
    campaign: str
    moment: str
    reason: str
    says: str
    would_have_shown: str | None = None
    values: Mapping[str, object] = field(default_factory=dict, hash=False)


Decision = Offered | Withheld


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who checked in, and what was decided for them at once."""

    subject: str
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often a campaign was offered to a subject: what caps count with.

    `day` is the store's local date (ISO 8601) that `in_day` counts for, `visit` the visit that `in_visit` counts for.
    `unproven`: when it was last offered, the subject was known by what others can send or show too. `by_channel` are
    those of `in_day` whose channel is known, in order of its name.
    """

    subject: str
    campaign: str
    total: int
    day: str
    in_day: int
    visit: str | None
    in_visit: int
    last: At
    unproven: bool = False
    by_channel: tuple[tuple[str, int], ...] = ()
