"""Health as data: what is wrong, how badly, and what to do about it."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing's state.

    `part` is what it is about (`mqtt`, `storage`, `source:gw-1`), `code` stable, `hint` for a person.
    """

    part: str
    code: str
    severity: Severity
    hint: str = ""
