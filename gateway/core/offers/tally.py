"""The tally: what was offered to one member over several campaigns, for the caps that hold over all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.core.offers.exposure import in_day, in_visit
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
    """Offers to one member, of all campaigns and of each category of them."""

    overall: Count = Count()
    by_category: Mapping[str, Count] = field(default_factory=dict)

    @classmethod
    def of(cls, exposures: Iterable[Exposure], categories: Mapping[str, str], day: str, visit: str | None) -> "Tally":
        """Count `exposures` for `day` (the store's date) and `visit`; `categories` are by campaign."""
        overall, by_category = Count(), dict[str, Count]()
        for exposure in exposures:
            count = Count(in_day(exposure, day), in_visit(exposure, visit, day), exposure.total)
            overall += count
            category = categories.get(exposure.campaign)
            if category is not None:
                by_category[category] = by_category.get(category, Count()) + count
        return cls(overall, by_category)

    def of_category(self, category: str | None) -> Count:
        """Offers of one category's campaigns; of all campaigns for None."""
        return self.overall if category is None else self.by_category.get(category, Count())

    def plus(self, category: str | None) -> "Tally":
        """With one more offer, of a campaign of this category."""
        if category is None:
            return Tally(self.overall + ONE, self.by_category)
        return Tally(self.overall + ONE, {**self.by_category, category: self.of_category(category) + ONE})
