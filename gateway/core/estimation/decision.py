"""The decision: from what is believed of each zone to the zone that is told, by what a mistake costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

FRONT_LEAD: Final = 0.3
"""The lead that a step through the shop's front needs: a visit begins or ends by it."""
FLOOR_LEAD: Final = 0.8
"""The lead that a whole floor needs at least: floors change seldom, and a wrong one is farther off than a late one."""
BACK_LEAD: Final = 0.9
BACK_S: Final = 12.0
"""The lead that the zone left last needs for so long (seconds): at borders evidence wavers; few turn back."""
UNLIKELY_LEAD: Final = 0.94
RETURN_S: Final = 30.0
SETTLE_S: Final = 12.0
"""Where zones are not drawn no distance rules one out: this lead is needed by one that does not meet the present one,
for so long (seconds) by the one left last, and by any other. Few turn back, and who has just come seldom goes on."""
EVEN_ODDS: Final = 0.5
"""A zone less probable than this is not told by a single report: the next one costs a moment, a wrong zone a flap."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The zone decided for, an index or None while nobody can say, and how probable it is, 0 to 1."""

    zone: int | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Costs:
    """What mistakes cost, as the settings have it.

    Attributes:
        leads: By zone, how much more probable it must be than the present one: more means fewer flaps, told later.
        least: A zone less probable than this is not told to be the first.
        passer_by: What a passer-by greeted costs, in visitors greeted a moment later.
        outdoors: By zone, whether it is before the shop.
        meets: By zone those that meet it, where zones are not drawn; None where they are.
    """

    leads: tuple[float, ...]
    least: float
    passer_by: float
    outdoors: tuple[bool, ...]
    meets: Mapping[int, Sequence[int]] | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """The zone (an index) that was told before the present one, and how long ago it was left (seconds)."""

    zone: int
    ago_s: float


def decided(
    shares: Sequence[float],
    outdoor_share: float,
    current: int | None,
    costs: Costs,
    *,
    at_first: bool = False,
    left: Left | None = None,
) -> Verdict:
    """The zone to tell when each is believed in by `shares` and `current` was told last; ties go to the first.

    First the side of the shop's front, by `outdoor_share`; then the zone on that side. `at_first`: all that was heard
    of the visitor is one report. `left`: the zone before the present one.
    """
    outside = _outside(outdoor_share, current, left, costs)
    side = [zone for zone, outdoors in enumerate(costs.outdoors) if outdoors is outside]
    total = sum(map(shares.__getitem__, side))
    best = max(side, key=shares.__getitem__)
    if current is None:
        known = shares[best] >= (max(costs.least, EVEN_ODDS) if at_first else costs.least)
        return Verdict(best if known else None, shares[best])
    if costs.outdoors[current] is not outside:
        here, lead = 0.0, costs.leads[best]
    else:
        here, lead = shares[current], max(costs.leads[best], _least_lead(best, current, left, costs))
    if best != current and shares[best] - here > lead * total:
        return Verdict(best, shares[best])
    return Verdict(current, shares[current])


def _least_lead(best: int, current: int, left: Left | None, costs: Costs) -> float:
    """The lead that where the visitor has been asks of a zone at least."""
    returns = left is not None and left.zone == best
    if costs.meets is None:
        return BACK_LEAD if returns and _within(BACK_S, left) else 0.0
    unlikely = best not in costs.meets[current] or _within(RETURN_S if returns else SETTLE_S, left)
    return UNLIKELY_LEAD if unlikely else 0.0


def _within(span_s: float, left: Left | None) -> bool:
    return left is not None and left.ago_s < span_s


def _outside(outdoor_share: float, current: int | None, left: Left | None, costs: Costs) -> bool:
    """Whether the visitor is before the shop; that it is still where it was told needs no proof."""
    if all(costs.outdoors) or not any(costs.outdoors):
        return costs.outdoors[0]
    weighed = outdoor_share * costs.passer_by
    share = weighed / (weighed + 1.0 - outdoor_share) if outdoor_share < 1.0 else 1.0
    if current is None:
        return share > 0.5
    lead = 2.0 * share - 1.0 if not costs.outdoors[current] else 1.0 - 2.0 * share
    back = left is not None and left.ago_s < BACK_S and costs.outdoors[left.zone] is not costs.outdoors[current]
    return costs.outdoors[current] is not (lead > (BACK_LEAD if back else FRONT_LEAD))
