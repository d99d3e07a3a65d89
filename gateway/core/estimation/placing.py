"""What presence asks: where is this visitor by what was heard of it since the last decision?"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, Protocol

from gateway.model.health import Condition
from gateway.model.visit import Presence

Way = Literal["receivers", "positions", "adjacency", "survey"]
"""What zones are judged by: receivers' zones, their positions, those and which zones meet, or a survey; best last."""

Doubt = Literal["moved", "silent"]
"""Why an anchor is not believed: it is heard otherwise than the survey has it, or not where it should be loud."""

PART: Final = "zones"
BETTER: Final[Mapping[Way, str]] = MappingProxyType(
    {
        "receivers": "Draw the zones and give the receivers' places in the floor plan, and zones are told better.",
        "positions": "Name the zones that meet (adjacent) in the floor plan, or make a survey: zones are told better.",
        "adjacency": "Make a survey, and zones are told better.",
        "survey": "",
    }
)
"""What a shop may do for better zones, by what it has."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a visitor is judged to be: its zone (None: nobody can say) and how probable that is, 0 to 1.

    `level_dbm` is the strength there, `anchors` those that would tell if the visitor left, `speaks` whether this
    evidence speaks for the zone at all.
    """

    zone: str | None
    confidence: float
    level_dbm: float | None
    anchors: tuple[str, ...]
    speaks: bool


class Placing(Protocol):
    """One way to judge; it keeps what it remembers of each subject in memory only."""

    way: Way

    def condition(self) -> Condition:
        """By what zones are judged, and whether as often as they should be."""

    def place(self, presence: Presence) -> Placement | None:
        """Judge by `presence.heard`, at `presence.seen`; None when it is too soon and the evidence should wait."""

    def doubts(self) -> Mapping[str, Doubt | None]:
        """The anchors whose standing changed since this was last asked: not believed, or (None) as surveyed again."""

    def forget(self, subject: str) -> None:
        """Nothing that was heard of the subject counts any more."""

    def forget_all(self) -> None:
        """What is remembered is dated by a clock that is no more."""


def judged_by(way: Way) -> Condition:
    """That zones are judged in this way, and what would be better."""
    return Condition(PART, f"zones_by_{way}", "ok", BETTER[way])


def doubted(doubts: Mapping[str, Doubt]) -> Condition:
    """That these anchors are not as the survey has them."""
    names = ", ".join(f"{anchor} ({doubt})" for anchor, doubt in sorted(doubts.items()))
    hint = f"Not as the survey has it: {names}. Put it back where it stood, or make a survey anew."
    return Condition(PART, "survey_outdated", "warning", hint, {"anchors": ", ".join(sorted(doubts))})
