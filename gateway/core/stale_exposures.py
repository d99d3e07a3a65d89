"""Stale exposures: counts of campaigns that are over, forgotten a few at a time so that no swap is slow."""

from collections.abc import Container
from typing import Final

from gateway.core.state import State
from gateway.model.time import Now

FORGET_AFTER_S: Final = 30 * 86_400.0
"""The count of a campaign that no document holds any more is kept for this long after its last offer (seconds)."""

SUBJECTS_A_MOMENT: Final = 64
"""Subjects looked through at a time."""


class StaleExposures:
    """Looks through all subjects once after each document."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._waiting: list[str] = []

    def begin(self) -> None:
        """There are other campaigns: look through everybody anew."""
        self._waiting = list(self._state.exposures)

    def forget_some(self, live: Container[str], now: Now) -> None:
        """Forget the next subjects' old counts of campaigns that are not among `live`."""
        seen = self._waiting[-SUBJECTS_A_MOMENT:]
        del self._waiting[-SUBJECTS_A_MOMENT:]
        for subject in seen:
            for exposure in list(self._state.exposures.get(subject, {}).values()):
                if exposure.campaign not in live and now.utc_s - exposure.last.utc_s > FORGET_AFTER_S:
                    self._state.forget_exposure(exposure)
