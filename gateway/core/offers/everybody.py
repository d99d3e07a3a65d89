"""Everybody: what a marker says to whoever reads its code, known or not, since anybody may read it anyway."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.core.offers import schedule
from gateway.core.offers.public_display import PUBLIC
from gateway.core.offers.snapshot import Snapshot
from gateway.model.decision import Moment
from gateway.model.documents import Campaign, Marker, Schedule
from gateway.model.time import At, Now


@dataclass(frozen=True, slots=True)
class _Instant:
    snapshot: Snapshot
    now: Now
    local: datetime
    clock: str


def said_to_everybody(marker: Marker, snapshot: Snapshot, now: Now) -> str | None:
    """The content (an id in the bank) of the best campaign about `marker` that is for everybody; None if none is.

    About it are the campaign that it stands for, and those that a scan of its code fires. No decision, so nothing is
    counted: of a test it is the heaviest variant, and what only counting limits (a budget, a scenario, the stock) is
    never said.
    """
    local = snapshot.local_time(now)
    instant = _Instant(snapshot, now, local, f"{local:%H:%M}")
    for campaign in _about(marker, snapshot, now):
        if _is_for_everybody(campaign, instant) and (not campaign.zones or marker.zone in campaign.zones):
            content = max(campaign.variants, key=lambda variant: variant.weight).content
            if snapshot.campaigns.content.get(content):
                return content
    return None


def _about(marker: Marker, snapshot: Snapshot, now: Now) -> Iterator[Campaign]:
    yield from (each for each in snapshot.index.ranked if each.id == marker.campaign)
    yield from snapshot.fired_by(Moment("code_scanned", At.of(now), None, None, marker.zone, marker=marker.id))


def _is_for_everybody(campaign: Campaign, instant: _Instant) -> bool:
    """Whether anybody may read it here and now: it has a public channel, chooses nobody, and runs."""
    here = not campaign.stores or not campaign.stores.isdisjoint(instant.snapshot.shop)
    silent = campaign.stopped or instant.snapshot.campaigns.stopped
    public = campaign.audience is None and not PUBLIC.isdisjoint(campaign.channels)
    counted = campaign.lease is not None or campaign.follows is not None or campaign.stock is not None
    timed = campaign.schedule != Schedule()
    runs = not timed or (instant.now.clock == "synced" and schedule.refusal(campaign, instant) is None)
    return here and not silent and public and not counted and runs
