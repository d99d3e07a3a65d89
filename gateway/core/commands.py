"""Commands: whether an order of head office is taken, at most once each, and what became of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gateway.core.events import Emitter
from gateway.core.state import State
from gateway.model.commands import Command, NotTaken, Outcome, UsedCommand
from gateway.model.inputs import Commanded, CommandEnded
from gateway.model.time import At, Now, rfc3339

LONGEST_S: Final = 86_400.0
"""A command may live no longer, from issue to end (seconds): this bounds how long its id must be remembered."""
EARLY_S: Final = 60.0
"""Head office's clock may be ahead by this much (seconds)."""
KEPT_AFTER_S: Final = 86_400.0
"""An id is remembered for this long after the command's end (seconds), for a clock that is set back."""
MOST_KEPT: Final = 1_000
"""Ids remembered; while all of them are needed no further command is taken."""


_BECAME: Final[Mapping[Outcome, str]] = {
    "open": "and is being carried out",
    "done": "and was carried out",
    "failed": "and was carried out in part, for the disk did not take all of it",
    "unknown": "and the gateway ended before it was over, so that nobody here knows whether it had its effect",
}


def take_command(state: State, emitter: Emitter, order: Commanded, now: Now) -> NotTaken | None:
    """Take a command, noting its id and telling it upstream, or say why not."""
    command = order.command
    refusal = _refusal(state, command, now)
    if refusal is not None:
        return refusal
    outcome: Outcome = "open" if order.deed is None else "done"  # the engine's own deed is committed with the id
    used_utc_s = round(now.utc_s, 3)
    state.save(UsedCommand(command.id, command.name, command.expires_utc_s, used_utc_s, outcome))
    data = {
        "command": command.name,
        "id": command.id,
        "key": command.key,
        "issued_at": rfc3339(command.issued_utc_s),
        "expires_at": rfc3339(command.expires_utc_s),
    }
    emitter.emit("command.taken", now, At.of(now), data)
    return None


def end_command(state: State, ended: CommandEnded) -> None:
    """Note what became of a command, for whoever sends it again because the answer was lost."""
    used = state.commands.get(ended.id)
    if used is not None and used.outcome != ended.outcome:
        state.save(replace(used, outcome=ended.outcome))


def give_up_commands(state: State) -> None:
    """After a start: what was not over is not carried out any more, and nobody knows how far it came."""
    for used in list(state.commands.values()):
        if used.outcome == "open":
            state.save(replace(used, outcome="unknown"))


def _refusal(state: State, command: Command, now: Now) -> NotTaken | None:
    if now.clock == "unset":
        return NotTaken(
            "clock_unset", "The gateway's clock is not set, so nothing says whether the command still holds."
        )
    used = state.commands.get(command.id)
    if used is not None:
        says = f"It was taken at {rfc3339(used.used_utc_s)} {_BECAME[used.outcome]}. Give a new order a new id."
        return NotTaken("interrupted", says) if used.outcome == "unknown" else NotTaken("used", says)
    if now.utc_s >= command.expires_utc_s:
        return NotTaken(
            "expired", f"It ended at {rfc3339(command.expires_utc_s)}, and it is {rfc3339(now.utc_s)} here."
        )
    if command.issued_utc_s > now.utc_s + EARLY_S:
        says = f"It was issued at {rfc3339(command.issued_utc_s)}, and it is {rfc3339(now.utc_s)} here: compare clocks."
        return NotTaken("early", says)
    if command.expires_utc_s - command.issued_utc_s > LONGEST_S:
        return NotTaken("too_long", f"It holds for longer than {LONGEST_S / 3600:.0f} hours. Let it end sooner.")
    return _make_room(state, now)


def _make_room(state: State, now: Now) -> NotTaken | None:
    """Forget the ids that time alone refuses; whether there is room for one more."""
    for used in list(state.commands.values()):
        if now.utc_s > used.expires_utc_s + KEPT_AFTER_S:
            state.forget_command(used)
    if len(state.commands) < MOST_KEPT:
        return None
    return NotTaken("too_many", f"{MOST_KEPT} commands were taken within two days. Send fewer, or let them end sooner.")
