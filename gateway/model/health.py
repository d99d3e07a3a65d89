"""Health as data: what is wrong, how badly, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing's state.

    `part` is what it is about (`mqtt`, `storage`, `source:gw-1`), `code` stable, `hint` for a person. `values` are what
    the hint names, for words in other languages: `case` tells hints of one code apart, `said` is what another program
    or person wrote, as it stands.
    """

    part: str
    code: str
    severity: Severity
    hint: str = ""
    values: Mapping[str, object] = field(default_factory=dict, hash=False)
