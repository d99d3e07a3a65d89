"""The documents in use when the gateway last ran, and those that an operator brought as files since."""

from collections.abc import Callable, Mapping

from gateway.documents.mapping import Source
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import COMPILERS
from gateway.model.health import Condition
from gateway.model.inputs import DocumentReady
from gateway.runtime.errors import StorageUnavailable
from gateway.storage.refusals import Unreadable
from gateway.uplink.judge import InUse
from gateway.uplink.library import Library


async def documents_in_use(
    library: Library, floorplan: DocumentReady | None, files: Mapping[str, Source], report: Callable[[Condition], None]
) -> dict[str, InUse]:
    """What decides from the start: of each document its file or what head office sent last, the higher serial."""
    brought = {} if floorplan is None else {"floorplan": InUse(floorplan)}
    for name, file in files.items():
        try:
            brought[name] = await library.adopt(name, file)
        except DocumentRefused as refusal:
            report(refusal.condition(f"documents:{name}"))
    return await restore(library, brought, report)


async def restore(
    library: Library, brought: Mapping[str, InUse], report: Callable[[Condition], None]
) -> dict[str, InUse]:
    """Of each document what was in force last, or the one `brought` where that has a higher serial, by name.

    What cannot be used any more (a key that is trusted no more, damage) is left out and told to `report`.
    """
    found: dict[str, InUse] = {}
    for name in COMPILERS:
        in_use = brought.get(name)
        part = f"documents:{name}"
        try:
            in_use = await library.restore(name, in_use)
        except DocumentRefused as refusal:
            report(refusal.condition(part))
        except Unreadable as damaged:
            report(Condition(part, "unreadable", "warning", str(damaged), {"said": str(damaged)}))
        except StorageUnavailable as unavailable:
            report(Condition(part, "not_kept", "error", str(unavailable), {"said": unavailable.problem}))
        if in_use is not None:
            found[name] = in_use
    return found
