"""Health: what is wrong right now, by part, and said once in the log."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal, get_args

import structlog

from gateway.model.health import Condition, Severity

_WORSE: dict[Severity, int] = {"ok": 0, "warning": 1, "error": 2}

Counted = Literal["refused_readings"]
"""What edges count: readings of satellites of which nothing came."""


class Health:
    """Conditions by part, newest of each, and what edges count.

    The first report of a trouble is logged as a warning, its repeats as debug, its end as info.
    """

    def __init__(self) -> None:
        self._conditions: dict[str, Condition] = {}
        self._counts: Counter[Counted] = Counter(dict.fromkeys(get_args(Counted), 0))
        self._log = structlog.get_logger("health")

    @property
    def status(self) -> Severity:
        """The worst severity among the conditions."""
        return max((c.severity for c in self._conditions.values()), key=_WORSE.__getitem__, default="ok")

    def conditions(self) -> list[Condition]:
        """Every part that has said something, in order of name."""
        return [self._conditions[part] for part in sorted(self._conditions)]

    def counters(self) -> Mapping[str, int]:
        """Totals since the start, by the name that their metric ends with."""
        return {str(what): total for what, total in self._counts.items()}

    def count(self, what: Counted) -> int:
        """Add one to a total, and give it."""
        self._counts[what] += 1
        return self._counts[what]

    def sound(self, part: str) -> bool:
        """Whether the part has said something, and nothing bad last."""
        condition = self._conditions.get(part)
        return condition is not None and condition.severity == "ok"

    def report(self, condition: Condition) -> None:
        """The part stands like this now."""
        before = self._conditions.get(condition.part)
        self._conditions[condition.part] = condition
        facts = {"part": condition.part, "code": condition.code}
        if condition.severity == "ok":
            self._log_recovery(before, condition.code)
        elif before is not None and (before.code, before.severity) == (condition.code, condition.severity):
            self._log.debug("condition_again", **facts)
        else:
            self._log.warning("condition", **facts, severity=condition.severity, hint=condition.hint)

    def clear(self, part: str) -> None:
        """Nothing is to be said of the part any more."""
        self._log_recovery(self._conditions.pop(part, None), "cleared")

    def _log_recovery(self, before: Condition | None, code: str) -> None:
        if before is not None and before.severity != "ok":
            self._log.info("condition_over", part=before.part, was=before.code, code=code)
