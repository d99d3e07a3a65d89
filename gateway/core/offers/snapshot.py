"""Campaigns ready for decisions: indexed by what makes them fire, with the shop's own time and languages."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from gateway.core.offers.recurrence import Recurrence, recurrence
from gateway.model.decision import Exposure, Moment
from gateway.model.documents import Campaign, Campaigns, FloorPlan, Marker, Schedule, Trigger, Zone
from gateway.model.time import Now

TriggerKey = tuple[str, float | None, str, str]
"""(moment, dwell mark, what narrows it, to what): the bucket in which a moment finds its campaigns."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The campaigns and floor plan in use. A moment costs its own candidates only, however many campaigns there are.

    `dwell_marks_s` are the dwell times (seconds, rising) at which some campaign fires: the engine makes a
    `zone_dwelled` moment with exactly this `dwell_s` at each. `recurrences` are by campaign, of those that have
    one.
    """

    campaigns: Campaigns
    zones: Mapping[str, Zone]
    markers: Mapping[str, Marker]
    languages: tuple[str, ...]
    timezone: ZoneInfo
    by_trigger: Mapping[TriggerKey, tuple[Campaign, ...]]
    recurrences: Mapping[str, Recurrence]
    groups: Mapping[str, str]
    dwell_marks_s: tuple[float, ...]

    @classmethod
    def of(cls, campaigns: Campaigns, floorplan: FloorPlan) -> "Snapshot":
        """Index `campaigns` for the shop of `floorplan`."""
        timezone = ZoneInfo(floorplan.timezone)
        by_trigger: defaultdict[TriggerKey, list[Campaign]] = defaultdict(list)
        for campaign in campaigns.campaigns:
            by_trigger[_key_of(campaign.trigger)].append(campaign)
        return cls(
            campaigns=campaigns,
            zones=floorplan.zones,
            markers=floorplan.markers,
            languages=floorplan.languages,
            timezone=timezone,
            by_trigger={key: tuple(fired) for key, fired in by_trigger.items()},
            recurrences={c.id: rule for c in campaigns.campaigns if (rule := _recurrence(c.schedule, timezone))},
            groups={c.id: c.exclusive_group for c in campaigns.campaigns if c.exclusive_group is not None},
            dwell_marks_s=tuple(
                sorted({c.trigger.after_s for c in campaigns.campaigns if c.trigger.after_s is not None})
            ),
        )

    def fired_by(self, moment: Moment) -> tuple[Campaign, ...]:
        """The campaigns whose trigger `moment` pulls, best first: by falling priority, then id."""
        fired = [
            campaign
            for narrowed_by, value in self._narrowings(moment)
            for campaign in self.by_trigger.get((moment.kind, moment.dwell_s, narrowed_by, value), ())
        ]
        return tuple(sorted(fired, key=lambda campaign: (-campaign.priority, campaign.id)))

    def local_time(self, now: Now) -> datetime:
        """The store's wall time at `now`."""
        return self.local(now.utc_s)

    def local_day(self, now: Now) -> str:
        """The store's date at `now` (ISO 8601): the `day` that `exposed` counts for."""
        return self.local_time(now).date().isoformat()

    def local(self, utc_s: float) -> datetime:
        """The store's wall time at `utc_s` (seconds since 1970)."""
        return datetime.fromtimestamp(utc_s, UTC).astimezone(self.timezone)

    def groups_used(self, visit: str | None, exposures: Callable[[str], Exposure | None]) -> frozenset[str]:
        """The exclusive groups of which `visit` already had an offer, by what was counted; none without a visit."""
        if visit is None:
            return frozenset()
        return frozenset(
            group
            for campaign, group in self.groups.items()
            if (counted := exposures(campaign)) is not None and counted.visit == visit
        )

    def _narrowings(self, moment: Moment) -> list[tuple[str, str]]:
        narrowings = [("", "")]
        if moment.zone is not None:
            narrowings.append(("zone", moment.zone))
            if (zone := self.zones.get(moment.zone)) is not None:
                narrowings.append(("zone_kind", zone.kind))
        marker = self.markers.get(moment.marker) if moment.marker is not None else None
        if moment.marker is not None:
            narrowings.append(("marker", moment.marker))
        product = moment.product or (marker.product if marker is not None else None)
        if product is not None:
            narrowings.append(("product", product))
        return narrowings


def _key_of(trigger: Trigger) -> TriggerKey:
    for narrowed_by in ("zone", "zone_kind", "marker", "product"):
        value = getattr(trigger, narrowed_by)
        if value is not None:
            return (trigger.moment, trigger.after_s, narrowed_by, value)
    return (trigger.moment, trigger.after_s, "", "")


def _recurrence(schedule: Schedule, timezone: ZoneInfo) -> Recurrence | None:
    if schedule.rrule is None:
        return None
    if schedule.from_utc_s is None:
        return recurrence(schedule.rrule, date(1970, 1, 1))
    return recurrence(schedule.rrule, datetime.fromtimestamp(schedule.from_utc_s, UTC).astimezone(timezone).date())
