"""Why a receiver does not hear."""

from gateway.model.health import Severity


class RadioTrouble(Exception):
    """The adapter cannot be used, or no longer: `code` for the condition, `hint` for a person."""

    def __init__(self, code: str, hint: str, severity: Severity = "error") -> None:
        super().__init__(hint)
        self.code = code
        self.hint = hint
        self.severity = severity
