"""Reading every code in one picture, with all decoders and preparations that its time allows."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from gateway.vision.agreement import Agreement, covers
from gateway.vision.code import Gray, Points, Reading, side
from gateway.vision.creases import unbent
from gateway.vision.decoders import zxing
from gateway.vision.decoders.registry import DECODERS
from gateway.vision.preparations import FIRST, FURTHER, Prepare, negative, plain, sharp
from gateway.vision.stripes import upright

BUDGET_S: Final = 4.0
"""What one picture may cost of a processor (seconds); what is running then is finished."""
MOST_BENT: Final = 6
"""Codes of one picture that are tried as bent ones."""


def read_codes(
    gray: Gray, budget_s: float = BUDGET_S, spent_s: Callable[[], float] = time.process_time
) -> list[Reading]:
    """The codes in a grey picture, from top to bottom; `spent_s` tells the time spent so far (seconds)."""
    until_s = spent_s() + budget_s

    def may_go_on() -> bool:
        return spent_s() < until_s

    agreement = Agreement()
    _try(FIRST, gray, agreement, may_go_on)
    found, left = agreement.believed(), zxing.unread(gray)
    if not found or _without(left, found):
        _try(FURTHER, gray, agreement, may_go_on)
        _stand_upright(gray, agreement, may_go_on)
        _flatten(gray, _without(left, agreement.believed()), agreement, may_go_on)
    return agreement.believed()


def _try(ways: Iterable[Prepare], gray: Gray, agreement: Agreement, may_go_on: Callable[[], bool]) -> None:
    for prepare in ways:
        prepared = prepare(gray) if may_go_on() else None
        if prepared is None:
            continue
        for name, decode in DECODERS.items():
            if may_go_on():
                readings = decode(prepared.gray)
                agreement.hear(f"{name} {prepare.__name__}", [each.moved(prepared.back) for each in readings])


def _stand_upright(gray: Gray, agreement: Agreement, may_go_on: Callable[[], bool]) -> None:
    """Look at bar codes by themselves; whatever is done to one, a decoder has one vote on it."""
    for place in upright(gray):
        for prepare in (plain, sharp, negative):
            if may_go_on():
                prepared = prepare(place.gray)
                for name, decode in DECODERS.items():
                    agreement.hear(f"{name} upright", [each.moved(place.back) for each in decode(prepared.gray)])


def _flatten(gray: Gray, left: list[Points], agreement: Agreement, may_go_on: Callable[[], bool]) -> None:
    for corners in sorted(left, key=side, reverse=True)[:MOST_BENT]:
        code = unbent(gray, corners, may_go_on)
        if code is not None:
            agreement.hear("unbent", [Reading(code, corners)])


def _without(left: list[Points], found: list[Reading]) -> list[Points]:
    return [corners for corners in left if not any(covers(corners, each.corners) for each in found)]
