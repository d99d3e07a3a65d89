"""Baskets at the tills of the far zones: whoever comes there asks for the gift that they were just offered, once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby
from random import Random

from gateway.core.ids import redemption_id
from simulators.arrival import Fact
from simulators.recorded_walk import TimedLine
from tests.scenarios import far_zones

RESERVED_AFTER_S = 20
"""By then the gateway knows that they came, the app's reports included: one in 5 s."""
COMMITTED_AFTER_S = 25
TILL = "till-1"
TO_THE_REPORTER = ("redemption.reserved", "redemption.committed")
TO_WHO_IS_HEARD = ("redemption.refused",)
REPLAYED = bytes(32)
"""The key that `replay` makes ids by."""

MEMBERS = {
    "android": far_zones.ANDROID.handle,
    "iphone": far_zones.IPHONE.handle,
    "reporter": far_zones.REPORTER.handle,
}


def with_baskets(lines: Sequence[TimedLine], seconds: int, seed: int, id_key: bytes) -> list[TimedLine]:
    """The lines of `far_zones.capture`, and the till's: `id_key` is that of the gateway which takes them."""
    return list(merge(lines, sorted(_baskets(seconds, seed, id_key)), key=lambda line: line[0]))


def truth(seconds: int, seed: int) -> Counter[Fact]:
    """Every redemption, by who came to the tills; no gateway has a say. Who is only heard by radio gets nothing."""
    return Counter(
        (far_zones.SUBJECTS[name], kind, far_zones.TILL_GIFT)
        for name, _ in _arrivals(seconds, seed)
        for kind in (TO_THE_REPORTER if name == "reporter" else TO_WHO_IS_HEARD)
    )


def _baskets(seconds: int, seed: int, id_key: bytes) -> Iterator[TimedLine]:
    for number, (name, second) in enumerate(_arrivals(seconds, seed)):
        basket = {"member": MEMBERS[name], "campaign": far_zones.TILL_GIFT, "till": TILL, "key": f"basket-{number}"}
        yield far_zones.line(second + RESERVED_AFTER_S + 0.7, ask={"redeem": basket})
        reserved = redemption_id(id_key, TILL, basket["key"])
        yield far_zones.line(second + COMMITTED_AFTER_S + 0.7, ask={"commit": {"redemption": reserved, "value": 4.5}})


def _arrivals(seconds: int, seed: int) -> Iterator[tuple[str, int]]:
    """Who comes to the tills from another zone or from outside, and in which second."""
    for name, route in far_zones.routes(seconds, Random(seed)).items():
        if name not in MEMBERS:
            continue
        second, before = 0, None
        for zone, stay in groupby(route):
            lasts_s = len(list(stay))
            if zone == "tills" and before != "tills":
                yield name, second
            if zone is not None or lasts_s > far_zones.BRIEF_S:
                before = zone
            second += lasts_s
