"""Why a receiver does not hear."""

from collections.abc import Mapping

from gateway.model.health import Condition, Severity


class RadioTrouble(Exception):
    """The adapter cannot be used, or no longer: `code`, `hint` and `values` as of the condition that it becomes."""

    def __init__(
        self, code: str, hint: str, severity: Severity = "error", values: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(hint)
        self.code = code
        self.hint = hint
        self.severity = severity
        self.values = values or {}

    def condition(self, part: str) -> Condition:
        """The condition of `part` for as long as this lasts."""
        return Condition(part, self.code, self.severity, self.hint, self.values)
