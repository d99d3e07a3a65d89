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
        sums: dict[str | None, list[int]] = {}
        for exposure in exposures:
            count = sums.setdefault(categories.get(exposure.campaign), [0, 0, 0])
            count[0] += in_day(exposure, day)
            count[1] += in_visit(exposure, visit, day)
            count[2] += exposure.total
        overall = Count(*(sum(counted) for counted in zip(*sums.values(), strict=True))) if sums else Count()
        return cls(overall, {name: Count(*count) for name, count in sums.items() if name is not None})

    def of_category(self, category: str | None) -> Count:
        """Offers of one category's campaigns; of all campaigns for None."""
        return self.overall if category is None else self.by_category.get(category, Count())

    def plus(self, category: str | None) -> "Tally":
        """With one more offer, of a campaign of this category."""
        if category is None:
            return Tally(self.overall + ONE, self.by_category)
        return Tally(self.overall + ONE, {**self.by_category, category: self.of_category(category) + ONE})
