"""Which readings of a picture are believed, when decoders and preparations disagree or say the same twice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from gateway.vision.code import Code, Points, Reading, centre, side

VOTES: Final[Mapping[str, int]] = MappingProxyType({"qr_code": 1, "aztec": 1, "pdf_417": 1, "data_matrix": 2})
"""How many looks have to read the same: codes with strong error correction hardly ever come out wrong."""
VOTES_OF_OTHERS: Final = 2
"""Bar codes and Micro QR hold a check digit at most: stripes of a shelf or of a shirt pass it now and then."""
SAME_PLACE: Final = 0.7
"""Two readings nearer than this fraction of the longer one's side are of one code."""


@dataclass(slots=True)
class _Candidate:
    code: Code
    corners: Points
    looks: set[str]

    @property
    def is_believed(self) -> bool:
        return len(self.looks) >= VOTES.get(self.code.symbology, VOTES_OF_OTHERS)


class Agreement:
    """Gathers what each look (a decoder and a preparation) read, in the order of the decoders' worth."""

    def __init__(self) -> None:
        self._candidates: list[_Candidate] = []

    def hear(self, look: str, readings: Iterable[Reading]) -> None:
        """Count what a look read."""
        for reading in readings:
            known = next((each for each in self._candidates if _same(each, reading)), None)
            if known is None:
                self._candidates.append(_Candidate(reading.code, reading.corners, {look}))
            else:
                known.looks.add(look)

    def believed(self) -> list[Reading]:
        """Every code that enough looks agree on, and no other code at its place has more; from top to bottom."""
        most = sorted((each for each in self._candidates if each.is_believed), key=lambda each: -len(each.looks))
        kept: list[_Candidate] = []
        for each in most:
            if not any(covers(other.corners, each.corners) for other in kept):
                kept.append(each)
        kept.sort(key=lambda each: tuple(centre(each.corners)[::-1]))
        return [Reading(each.code, each.corners) for each in kept]


def covers(corners: Points, others: Points) -> bool:
    """Whether two figures lie on the same spot: the middle of either is well within the other's reach."""
    apart = float(np.linalg.norm(centre(corners) - centre(others)))
    return apart < SAME_PLACE * max(side(corners), side(others)) / 2


def _same(candidate: _Candidate, reading: Reading) -> bool:
    if (candidate.code.symbology, candidate.code.octets) != (reading.code.symbology, reading.code.octets):
        return False
    apart = float(np.linalg.norm(centre(candidate.corners) - centre(reading.corners)))
    return apart < SAME_PLACE * max(side(candidate.corners), side(reading.corners))
