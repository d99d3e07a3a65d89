"""What the `data` of counts holds, as types: how many are where, and long queues."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

Figure = Annotated[float, Field(ge=0)]


class QueueLong(TypedDict):
    """A queue became long: `members` wait in the zone, the first of them since `waited_s`, and so about `people`.

    `people` and its bounds are null where the members' share of all visitors is not known.
    """

    zone: str
    members: Annotated[int, Field(ge=1)]
    people: Figure | None
    people_low: Figure | None
    people_high: Figure | None
    waited_s: Figure
    evidence_at: datetime
    clock: Literal["unset", "synced"]


class ZoneOccupancy(TypedDict):
    """Members in a zone, as a mean between `low` and `high` nine times in ten; `most` at one time.

    `unheard` of them are only held, since a receiver is down. `people` are scaled by the members' share, null without.
    """

    zone: str
    members: Figure
    low: Figure
    high: Figure
    most: Annotated[int, Field(ge=0)]
    unheard: Figure
    people: Figure | None
    people_low: Figure | None
    people_high: Figure | None


class OccupancyMeasured(TypedDict):
    """How many were in each zone, by `counts` counts a minute apart; nobody was seen in zones that are not listed."""

    from_at: datetime
    until_at: datetime
    counts: Annotated[int, Field(ge=1)]
    member_share: Annotated[float, Field(gt=0, le=1)] | None
    zones: list[ZoneOccupancy]
    clock: Literal["unset", "synced"]
