"""The tally: what was offered to one member over several campaigns, for the caps that hold over all of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from gateway.core.offers.exposure import in_day, in_day_by, in_visit
from gateway.model.decision import Exposure


@dataclass(frozen=True, slots=True)
class Count:
    """Offers on one day, in one visit, and ever."""

    day: int = 0
    visit: int = 0
    ever: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.day + other.day, self.visit + other.visit, self.ever + other.ever)


ONE = Count(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Tally:
    """Offers to one member, of all campaigns and of each category of them; of a day, by some channels."""

    overall: Count = Count()
    by_category: Mapping[str, Count] = field(default_factory=dict)
    by_channel: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        exposures: Collection[Exposure],
        categories: Mapping[str, str],
        day: str,
        visit: str | None,
        channels: Collection[str] = (),
    ) -> "Tally":
        """Count `exposures` for `day` (the store's date) and `visit`; `categories` are by campaign."""
        sums: dict[str | None, list[int]] = {}
        for exposure in exposures:
            count = sums.setdefault(categories.get(exposure.campaign), [0, 0, 0])
            count[0] += in_day(exposure, day)
            count[1] += in_visit(exposure, visit, day)
            count[2] += exposure.total
        overall = Count(*(sum(counted) for counted in zip(*sums.values(), strict=True))) if sums else Count()
        by_category = {name: Count(*count) for name, count in sums.items() if name is not None}
        return cls(overall, by_category, {each: sum(in_day_by(e, each, day) for e in exposures) for each in channels})

    def of_category(self, category: str | None) -> Count:
        """Offers of one category's campaigns; of all campaigns for None."""
        return self.overall if category is None else self.by_category.get(category, Count())

    def of_channel(self, channel: str) -> int:
        """Offers of the day by one of the channels that are counted."""
        return self.by_channel.get(channel, 0)

    def plus(self, category: str | None, channel: str) -> "Tally":
        """With one more offer, of a campaign of this category and by this channel."""
        by_category, by_channel = self.by_category, self.by_channel
        if category is not None:
            by_category = {**by_category, category: self.of_category(category) + ONE}
        if channel in by_channel:
            by_channel = {**by_channel, channel: by_channel[channel] + 1}
        return Tally(self.overall + ONE, by_category, by_channel)
