"""A picture that somebody holds their phone to, and what came of it."""

from dataclasses import dataclass, field
from typing import Final

PICTURE: Final = "picture"
"""The symbology of a reference picture that was recognised: its text is the id of the marker that it stands for."""

AGAIN: Final = "again"
"""Stands for what the engine answered before."""


@dataclass(frozen=True, slots=True)
class Filmed:
    """One frame, a picture file that is looked at and forgotten.

    `who` tells one asker from another for as long as a credential lasts; `member` is the handle of one who has some.
    """

    frame: bytes = field(repr=False)
    who: str = field(repr=False)
    member: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Recognised:
    """The frame shows the picture of `marker`; `outcome` is what the engine answered to that.

    `AGAIN` where it was not asked, since the same phone had filmed the same a moment ago.
    """

    marker: str
    outcome: object


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The frame cannot be looked at: why, and what to do."""

    problem: str
