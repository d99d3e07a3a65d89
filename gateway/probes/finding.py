"""What a probe found, in words for whoever stands in front of the machine."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "problem", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    `found` is what was seen, `means` what follows for the shop, `mend` the command or the line of settings that mends
    it; the last two are empty where all is well. Skipped: there was nothing to look at.
    """

    probe: str
    status: Status
    found: str
    means: str = ""
    mend: str = ""
