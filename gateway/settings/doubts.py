"""Settings that the gateway can run with, and that hardly were meant: names that the floor plan does not have."""

from collections.abc import Iterator

from gateway.core.plan_review import known_kind
from gateway.model.documents import FloorPlan
from gateway.settings.problem import did_you_mean
from gateway.settings.surface import Settings

BY_KIND = ("visit_gap_by_kind_s", "dwell_marks_by_kind_s")
"""Keys of `[presence]` that go by kinds of zone."""


def doubts(settings: Settings, plan: FloorPlan) -> Iterator[tuple[str, str, str]]:
    """What is doubtful about `settings` beside `plan`: the key, what is odd there, what to do."""
    theirs, ours = f"{plan.tenant}/{plan.store}", f"{settings.store.tenant}/{settings.store.id}"
    if theirs != ours:
        problem = f"the floor plan is of the store {theirs}, the settings of {ours}"
        yield "store.floorplan", problem, "see that it is the plan of this shop"
    yield from _receivers(settings, plan)
    yield from _kinds(settings, plan)


def _receivers(settings: Settings, plan: FloorPlan) -> Iterator[tuple[str, str, str]]:
    """A floor plan of head office may name them later; until then what they hear is in no zone."""
    for number, source in enumerate(settings.sources):
        one, several = getattr(source.options, "receiver", None), getattr(source.options, "receivers", ())
        key = f"sources[{number}].{'receivers' if several else 'receiver'}"
        for receiver in several or filter(None, [one]):
            if receiver not in plan.receivers:
                problem = f"the floor plan has no receiver {receiver!r}: what it hears is in no zone"
                yield key, problem, did_you_mean(receiver, plan.receivers, "add it there, as [[receivers]]")


def _kinds(settings: Settings, plan: FloorPlan) -> Iterator[tuple[str, str, str]]:
    used = {zone.kind for zone in plan.zones.values()}
    for name in BY_KIND:
        for kind in getattr(settings.presence, name):
            if kind not in used and (close := known_kind(kind)) != kind:
                hint = f"did you mean {close}?" if close else "correct it, or leave it out"
                yield f"presence.{name}", f"no zone is of the kind {kind!r}", hint
