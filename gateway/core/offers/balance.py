"""Balance: whether a test's members were dealt out as it was written; where not, its figures say nothing."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.model.documents import Campaign, Campaigns

SUSPECT_P: Final = 0.001
"""Chance would deal so in fewer than one case of a thousand: sample-ratio mismatch (Fabijan et al., KDD 2019)."""
FEWEST_EXPECTED: Final = 5.0
"""Members that the smallest side must be due for the test to hold (Cochran)."""

_PAST_CONTROL: Final = frozenset(
    {"cap", "overall_cap", "category_cap", "channel_cap", "cooldown", "pressure", "quiet_hours", "budget"}
    | {"exclusive_group", "stacking", "no_content"}
)
"""Reasons of rules that are asked after the control group was dealt: whoever got one of them is not in it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a campaign for a subject: the `variant` offered, or the `reason` that it was withheld."""

    subject: str
    campaign: str
    variant: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """How many members each side of a split got, beside what it was due; `p` is None where they are too few to say."""

    campaign: str
    split: str
    counts: Mapping[str, int]
    due: Mapping[str, float]
    p: float | None

    @property
    def suspect(self) -> bool:
        """Whether the members were dealt out otherwise than the campaign says."""
        return self.p is not None and self.p < SUSPECT_P


def balances(campaigns: Campaigns, told: Iterable[Told]) -> tuple[Balance, ...]:
    """The splits of the campaigns that have any, by what was told: `control` against the others, and `variants`.

    Each member counts once, where it was last.
    """
    held: defaultdict[str, dict[str, str]] = defaultdict(dict)
    arms: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for each in told:
        if each.reason == "control":
            held[each.campaign][each.subject] = "control"
        elif each.reason is None or each.reason in _PAST_CONTROL:
            held[each.campaign][each.subject] = "others"
        if each.variant is not None:
            arms[each.campaign][each.subject] = each.variant
    return tuple(
        _balance(campaign.id, split, shares, (held if split == "control" else arms)[campaign.id])
        for campaign in campaigns.campaigns
        for split, shares in _splits(campaign)
    )


def chi_square_p(statistic: float, degrees: int) -> float:
    """How often chance alone gives a chi-square of at least `statistic` with so many degrees of freedom (1 or more).

    The upper regularised gamma function at half integers, in its finite form (Abramowitz and Stegun 26.4.4, 26.4.5).
    """
    half, odd = statistic / 2, degrees % 2
    powers = (i + odd / 2 for i in range(degrees // 2))
    terms = sum(math.pow(half, power) / math.gamma(power + 1) for power in powers)
    return math.exp(-half) * terms + (math.erfc(math.sqrt(half)) if odd else 0.0)


def _splits(campaign: Campaign) -> Iterator[tuple[str, dict[str, float]]]:
    if 0 < campaign.control_per_10000 < 10_000:
        share = campaign.control_per_10000 / 10_000
        yield "control", {"control": share, "others": 1 - share}
    weights = {variant.id: variant.weight for variant in campaign.variants if variant.weight}
    if len(weights) > 1:
        yield "variants", {name: weight / sum(weights.values()) for name, weight in weights.items()}


def _balance(campaign: str, split: str, shares: Mapping[str, float], sides: Mapping[str, str]) -> Balance:
    """A side that is not in the document any more is left out."""
    seen = Counter(side for side in sides.values() if side in shares)
    counts = {side: seen[side] for side in shares}
    due = {side: share * seen.total() for side, share in shares.items()}
    if min(due.values()) < FEWEST_EXPECTED:
        return Balance(campaign, split, counts, due, None)
    statistic = sum((counts[side] - due[side]) ** 2 / due[side] for side in shares)
    return Balance(campaign, split, counts, due, chi_square_p(statistic, len(shares) - 1))
