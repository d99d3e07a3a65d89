"""Carrying on after a stop or a set clock: how long the gateway was deaf, and what its stored times mean now."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from gateway.core.state import State
from gateway.model.step import Timeline
from gateway.model.time import At, Now
from gateway.model.visit import Presence

STEPPED_AFTER_S: Final = 2.0
"""A wall clock that moved this much against the monotonic one was set (seconds)."""


def never_back(last: Timeline | None, now: Now) -> Now:
    """`now`, or the last instant stepped: within a boot monotonic time never goes back, whatever a source claims."""
    if last is None or last.boot_id != now.boot_id or now.mono_s >= last.mono_s:
        return now
    return Now(last.mono_s, now.utc_s + last.mono_s - now.mono_s, now.clock, now.boot_id)


def set_by_s(last: Timeline, now: Now) -> float | None:
    """By how much (seconds) the wall clock was set since `last`, in the same boot; None where it was not."""
    step_s = (now.utc_s - last.utc_s) - (now.mono_s - last.mono_s)
    return step_s if now.clock != last.clock or abs(step_s) > STEPPED_AFTER_S else None


def deaf_for_s(saved: Timeline, now: Now) -> float | None:
    """Seconds between the last stored step and now; None where no clock can tell.

    Within a boot the monotonic clock tells; across boots the difference of UTC, if both ends were synced.
    """
    if saved.boot_id == now.boot_id:
        return max(0.0, now.mono_s - saved.mono_s)
    if saved.clock != "synced" or now.clock != "synced" or now.utc_s < saved.utc_s:
        return None
    return now.utc_s - saved.utc_s


def rebase(state: State, saved: Timeline, now: Now, deaf_s: float) -> None:
    """Move the stored monotonic times of another boot onto this one's clock.

    What is kept for days was told by its date, so it stays as it is; but a clock that was never set gave no date, so
    all that is known of what it dated is how long before the end of its boot that was.
    """
    if saved.boot_id == now.boot_id:
        return
    shift_s = round(now.mono_s - deaf_s - saved.mono_s, 3)
    _move(state, lambda at: At(round(at.mono_s + shift_s, 3), at.utc_s))
    if saved.clock == "unset":
        step_s = now.utc_s - deaf_s - saved.utc_s
        _move_kept(state, saved, lambda at: At(round(at.mono_s + shift_s, 3), round(at.utc_s + step_s, 3)))


def redate(state: State, last: Timeline, step_s: float) -> None:
    """Move the stored dates by as much as the wall clock was set after `last`: durations are right, dates were not."""

    def moved(at: At) -> At:
        return At(at.mono_s, round(at.utc_s + step_s, 3))

    _move(state, moved)
    _move_kept(state, last, moved)


def rejoin(state: State) -> None:
    """Bring visits and presences together again where storage lost one of two that belong together."""
    for presence in list(state.presences.values()):
        if presence.visit is not None and presence.visit not in state.visits:
            state.save(replace(presence, visit=None, indoors=None))
    followed = {presence.visit for presence in state.presences.values()}
    for visit in list(state.visits.values()):
        if visit.id in followed:
            continue
        if visit.subject in state.presences:
            state.forget_visit(visit)
            continue
        alone = Presence(visit.subject, visit.kind, None, since=visit.seen, seen=visit.seen, visit=visit.id)
        state.save(replace(alone, indoors=visit.seen, media=visit.media, assurance=visit.assurance))


def _move(state: State, moved: Callable[[At], At]) -> None:
    for visit in list(state.visits.values()):
        stays = tuple(
            replace(stay, since=moved(stay.since), until=moved(stay.until) if stay.until else None)
            for stay in visit.zones
        )
        split_at = moved(visit.split_at) if visit.split_at else None
        here = replace(visit, started=moved(visit.started), seen=moved(visit.seen), zones=stays)
        state.save(replace(here, split_at=split_at))
    for presence in list(state.presences.values()):
        indoors = moved(presence.indoors) if presence.indoors else None
        placed = moved(presence.placed) if presence.placed else None
        packet = moved(presence.packet) if presence.packet else None
        followed = replace(presence, since=moved(presence.since), seen=moved(presence.seen))
        state.save(replace(followed, packet=packet, indoors=indoors, placed=placed))
    for redemption in list(state.redemptions.values()):
        if redemption.state == "reserved":
            state.save(replace(redemption, since=moved(redemption.since)))
    for request in list(state.help_requests.values()):
        claimed = moved(request.claimed) if request.claimed else None
        state.save(replace(request, since=moved(request.since), claimed=claimed))
    for pickup in list(state.pickups.values()):
        handed_over = moved(pickup.handed_over) if pickup.handed_over else None
        state.save(replace(pickup, here=moved(pickup.here), handed_over=handed_over))
    for slip in list(state.slips.values()):
        state.save(replace(slip, since=moved(slip.since)))
    for beacon in list(state.beacons.values()):
        cloned = moved(beacon.cloned) if beacon.cloned else None
        told_at = moved(beacon.told_at) if beacon.told_at else None
        heard = replace(beacon, heard=moved(beacon.heard), since=moved(beacon.since))
        state.save(replace(heard, cloned=cloned, told_at=told_at))


def _move_kept(state: State, clock: Timeline, moved: Callable[[At], At]) -> None:
    """Move what is kept for days, if it was dated by the clocks that said `clock`: dates of other boots are right."""
    offset_s = clock.utc_s - clock.mono_s

    def misdated(at: At) -> bool:
        return abs(at.utc_s - at.mono_s - offset_s) <= STEPPED_AFTER_S

    for ticket in [each for each in state.tickets.values() if misdated(each.at)]:
        state.save(replace(ticket, at=moved(ticket.at)))
    for returned in [each for each in state.returns.values() if misdated(each.since)]:
        state.save(replace(returned, since=moved(returned.since)))
    for saved in [each for each in state.saved.values() if misdated(each.last)]:
        since = moved(saved.since) if misdated(saved.since) else saved.since
        state.save(replace(saved, since=since, last=moved(saved.last)))
    for last in [each for each in state.last_visits.values() if misdated(each.ended)]:
        state.save(replace(last, ended=moved(last.ended)))
