"""Whether a document that is right in itself is right here: for this store, and for what this gateway hears with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import FloorPlan


@dataclass(frozen=True, slots=True)
class Here:
    """This store, the receivers without which the gateway would hear nobody, and what its operator set.

    `settings` are those keys that head office may set too, by table.
    """

    tenant: str
    store: str
    receivers: frozenset[str] = frozenset()
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def check_store(name: str, tenant: str | None, store: str | None, here: Here) -> None:
    """Whether a document is of this store, as far as it says (None = it does not).

    Raises:
        DocumentRefused: `wrong_store`.
    """
    theirs = (tenant or here.tenant, store or here.store)
    if theirs != (here.tenant, here.store):
        problem = f"it is of the store {'/'.join(theirs)}, and this is {here.tenant}/{here.store}"
        raise DocumentRefused("wrong_store", problem, "Send this store its own", document=name)


def check_floorplan(plan: FloorPlan, here: Here) -> None:
    """Whether the shop can live by this floor plan.

    Raises:
        DocumentRefused: `wrong_store`; `no_receiver`: what the gateway hears with is not in it.
    """
    check_store("floorplan", plan.tenant, plan.store, here)
    missing = sorted(here.receivers - set(plan.receivers))
    if missing:
        problem = f"it has no receiver {missing[0]!r}, with which this gateway hears"
        hint = "Put it in, or take it out of the gateway's settings first"
        raise DocumentRefused("no_receiver", problem, hint, document="floorplan", key="receivers")
