"""Campaigns ready for decisions: their index beside the shop's own places, time and languages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from gateway.core.offers.dates import Dates
from gateway.core.offers.index import CampaignIndex, TriggerKey
from gateway.model.decision import Exposure, Moment
from gateway.model.documents import Campaign, Campaigns, FloorPlan, Marker, Member, OpeningHours, Zone
from gateway.model.time import Now


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The campaigns and floor plan in use. A moment costs its own candidates only, however many campaigns there are.

    `shop` is what a campaign can name this shop by: its id, and the groups that it belongs to.
    """

    campaigns: Campaigns
    index: CampaignIndex
    zones: Mapping[str, Zone]
    markers: Mapping[str, Marker]
    languages: tuple[str, ...]
    opening_hours: OpeningHours | None
    timezone: ZoneInfo
    dates: Dates
    shop: frozenset[str]

    @classmethod
    def of(cls, campaigns: Campaigns, floorplan: FloorPlan) -> "Snapshot":
        """`campaigns` in the shop of `floorplan`; costs no more for many campaigns where they came with their index."""
        timezone = ZoneInfo(floorplan.timezone)
        return cls(
            campaigns=campaigns,
            index=campaigns.index or CampaignIndex.of(campaigns.campaigns),
            zones=floorplan.zones,
            markers=floorplan.markers,
            languages=floorplan.languages,
            opening_hours=floorplan.opening_hours,
            timezone=timezone,
            dates=Dates(timezone),
            shop=floorplan.groups | {floorplan.store},
        )

    def fired_by(self, moment: Moment, member: Member | None = None) -> tuple[Campaign, ...]:
        """The campaigns whose trigger `moment` pulls, best first: by falling priority, then id.

        Those whose audience asks for segments of which the member has none are passed over: they are for others. A
        minor's segments are not looked at.
        """
        segments = () if member is None or member.minor else member.segments
        return self.index.candidates(self._buckets(moment), segments)

    def local_time(self, now: Now) -> datetime:
        """The store's wall time at `now`."""
        return self.local(now.utc_s)

    def local_day(self, now: Now) -> str:
        """The store's date at `now` (ISO 8601): the `day` that `exposed` counts for."""
        return self.local_time(now).date().isoformat()

    def local(self, utc_s: float) -> datetime:
        """The store's wall time at `utc_s` (seconds since 1970)."""
        return datetime.fromtimestamp(utc_s, UTC).astimezone(self.timezone)

    def groups_used(self, visit: str | None, exposures: Mapping[str, Exposure]) -> frozenset[str]:
        """The exclusive groups of which `visit` already had an offer, by what was counted; none without a visit."""
        if visit is None:
            return frozenset()
        groups = self.index.groups
        return frozenset(
            groups[campaign] for campaign, counted in exposures.items() if counted.visit == visit and campaign in groups
        )

    def given(self, visit: str | None, exposures: Mapping[str, Exposure]) -> frozenset[str]:
        """The campaigns with a benefit that `visit` already had an offer of; none where every benefit goes with any."""
        if visit is None or not self.index.alone:
            return frozenset()
        giving = self.index.giving
        return frozenset(each for each, counted in exposures.items() if counted.visit == visit and each in giving)

    def _buckets(self, moment: Moment) -> Iterator[TriggerKey]:
        for narrowed_by, value in self._narrowings(moment):
            yield moment.kind, moment.dwell_s, narrowed_by, value

    def _narrowings(self, moment: Moment) -> Iterator[tuple[str, str]]:
        yield "", ""
        if moment.zone is not None:
            yield "zone", moment.zone
            if (zone := self.zones.get(moment.zone)) is not None:
                yield "zone_kind", zone.kind
        marker = self.markers.get(moment.marker) if moment.marker is not None else None
        if moment.marker is not None:
            yield "marker", moment.marker
        product = moment.product or (marker.product if marker is not None else None)
        if product is not None:
            yield "product", product
