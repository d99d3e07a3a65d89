"""The index of campaigns: what a moment finds its candidates by, made once for all of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.model.documents import Campaign, Trigger
from gateway.model.slices import Slices, done

TriggerKey = tuple[str, float | None, str, str]
"""(moment, dwell mark, what narrows it, to what): the bucket in which a moment finds its campaigns."""

Places = Sequence[int]


@dataclass(frozen=True, slots=True)
class CampaignIndex:
    """Campaigns by what makes them fire, and within that by a segment that their audience cannot do without.

    `ranked` are all of them, best first: by falling priority, then id; `by_trigger` and `by_segment` hold places in it.
    `live` are their ids. `dwell_marks_s` are the dwell times (seconds, rising) at which some campaign fires; `groups`
    and `categories` are by campaign, of those that have one; `giving` are the ids of those with a benefit, `alone` of
    those whose benefit goes with no other. Knows nothing of the shop, so that it is made where the document is
    compiled.
    """

    ranked: tuple[Campaign, ...]
    live: frozenset[str]
    by_trigger: Mapping[TriggerKey, Places]
    by_segment: Mapping[tuple[TriggerKey, str], Places]
    groups: Mapping[str, str]
    categories: Mapping[str, str]
    dwell_marks_s: tuple[float, ...]
    giving: frozenset[str]
    alone: frozenset[str]

    @classmethod
    def of(cls, campaigns: Iterable[Campaign]) -> "CampaignIndex":
        """Index `campaigns`."""
        return done(cls.in_slices(sorted(campaigns, key=lambda campaign: campaign.id)))

    @classmethod
    def in_slices(cls, by_id: Iterable[Campaign]) -> "Slices[CampaignIndex]":
        """Index campaigns that are in order of id."""
        ranked = tuple(sorted(by_id, key=lambda campaign: -campaign.priority))
        by_trigger: defaultdict[TriggerKey, list[int]] = defaultdict(list)
        by_segment: defaultdict[tuple[TriggerKey, str], list[int]] = defaultdict(list)
        groups: dict[str, str] = {}
        categories: dict[str, str] = {}
        for place, campaign in enumerate(ranked):
            segments = campaign.audience.segments if campaign.audience is not None else ()
            for key in _keys_of(campaign):
                if not segments:
                    by_trigger[key].append(place)
                for segment in segments:
                    by_segment[key, segment].append(place)
            if campaign.exclusive_group is not None:
                groups[campaign.id] = campaign.exclusive_group
            if campaign.category is not None:
                categories[campaign.id] = campaign.category
            yield
        return cls(
            ranked=ranked,
            live=frozenset(campaign.id for campaign in ranked),
            by_trigger=dict(by_trigger),
            by_segment=dict(by_segment),
            groups=groups,
            categories=categories,
            dwell_marks_s=tuple(sorted({c.trigger.after_s for c in ranked if c.trigger.after_s is not None})),
            giving=frozenset(c.id for c in ranked if c.benefit is not None and c.benefit.get("kind") != "none"),
            alone=frozenset(c.id for c in ranked if c.alone),
        )

    def candidates(self, keys: Iterable[TriggerKey], segments: Iterable[str]) -> tuple[Campaign, ...]:
        """The campaigns in these buckets that a member in these segments may be in the audience of, best first."""
        segments = tuple(segments)
        places: set[int] = set()
        for key in keys:
            places.update(self.by_trigger.get(key, ()))
            for segment in segments:
                places.update(self.by_segment.get((key, segment), ()))
        return tuple(self.ranked[place] for place in sorted(places))


def _keys_of(campaign: Campaign) -> tuple[TriggerKey, ...]:
    """The buckets of a campaign; one that any zone fires, and that keeps to some, fires in those."""
    trigger = campaign.trigger
    narrowed_by, value = _narrowing(trigger)
    if not narrowed_by and campaign.zones and trigger.moment.startswith("zone_"):
        return tuple((trigger.moment, trigger.after_s, "zone", zone) for zone in sorted(campaign.zones))
    return ((trigger.moment, trigger.after_s, narrowed_by, value),)


def _narrowing(trigger: Trigger) -> tuple[str, str]:
    for narrowed_by in ("zone", "zone_kind", "marker", "product"):
        value = getattr(trigger, narrowed_by)
        if value is not None:
            return narrowed_by, value
    return "", ""
