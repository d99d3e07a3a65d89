"""What the `data` of counts holds, as types: how many are where, and long queues."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from gateway.uplink.dated import Dated

Figure = Annotated[float, Field(ge=0)]


class QueueLong(Dated):
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


class OccupancyMeasured(Dated):
    """How many were in each zone, by `counts` counts a minute apart; nobody was seen in zones that are not listed."""

    from_at: datetime
    until_at: datetime
    counts: Annotated[int, Field(ge=1)]
    member_share: Annotated[float, Field(gt=0, le=1)] | None
    zones: list[ZoneOccupancy]


class ZoneFootfall(TypedDict):
    """The most strangers' phones in a zone within one salt of five minutes."""

    zone: str
    phones: Annotated[int, Field(ge=0)]


class FootfallCounted(Dated):
    """Strangers' phones of a quarter hour, by zones that had `fewest` or more; of `windows` salts, three when whole.

    `epsilon` is the privacy budget of the noise in each figure, null without.
    """

    from_at: datetime
    until_at: datetime
    zones: list[ZoneFootfall]
    windows: Annotated[int, Field(ge=1)]
    fewest: Annotated[int, Field(ge=10)]
    epsilon: Annotated[float, Field(gt=0, le=1)] | None
