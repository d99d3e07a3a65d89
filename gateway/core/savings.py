"""Savings: what members saved and earned with what was redeemed here, for themselves to see."""

from typing import Final

from gateway.core.state import State
from gateway.model.amount import NOTHING, Amount, total
from gateway.model.savings import Saved, ShowSaved
from gateway.model.time import At, Now

MOST_KEPT: Final = 20_000
"""Members whose savings are known; beyond, the one who saved longest ago goes."""
KEPT_S: Final = 90 * 86_400.0
"""How long after the last redemption they are known (seconds)."""


class Savings:
    """Counts each redemption once, when it is spent."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, subject: str, value: Amount, points: Amount, now: Now) -> None:
        """The subject saved `value` (in the till's currency) and earned `points`."""
        presence, at = self._state.presences.get(subject), At.of(now)
        visit = presence.visit if presence is not None else None
        before = self._state.saved.get(subject)
        if before is not None:
            self._state.forget_at_desk(before)
        if before is None or _is_old(before, now):
            before = Saved(subject, visit, NOTHING, NOTHING, NOTHING, since=at, last=at)
        self._forget_some(now)
        in_visit = before.in_visit if visit is not None and before.visit == visit else NOTHING
        self._state.save(
            Saved(
                subject,
                visit,
                total(in_visit, value),
                total(before.in_all, value),
                total(before.points, points),
                before.since,
                at,
            )
        )

    def show(self, ask: ShowSaved, now: Now) -> Saved | None:
        """What a member saved; None where it saved nothing that is known."""
        saved = self._state.saved.get(f"m.{ask.member}")
        return None if saved is None or _is_old(saved, now) else saved

    def forget(self, subject: str) -> None:
        """Nothing of the subject is to be known any more."""
        if subject in self._state.saved:
            self._state.forget_at_desk(self._state.saved[subject])

    def _forget_some(self, now: Now) -> None:
        """Who saved longest ago comes first."""
        known = self._state.saved
        while known:
            oldest = next(iter(known.values()))
            if len(known) < MOST_KEPT and not _is_old(oldest, now):
                return
            self._state.forget_at_desk(oldest)


def _is_old(saved: Saved, now: Now) -> bool:
    return now.utc_s - saved.last.utc_s > KEPT_S
