"""The documents in use when the gateway last ran, from the bytes that were kept."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import COMPILERS, ready
from gateway.documents.verify import TrustOptions, read_manifest, verify
from gateway.model.inputs import DocumentReady
from gateway.model.store import StoreRef
from gateway.uplink.documents import kept_name
from gateway.uplink.judge import MAX_CHANGES, InUse, replay_changes


class Kept(Protocol):
    """A document as it was accepted: `gateway.storage.documents.KeptDocument`, or a fake."""

    @property
    def manifest(self) -> bytes:
        """The manifest's bytes."""

    @property
    def content(self) -> bytes:
        """The document's bytes."""


Load = Callable[[str], Awaitable[Kept | None]]
"""What was kept under a name; None where there is nothing."""


async def restore(
    load: Load, store: StoreRef, trust: TrustOptions, refused: Callable[[str, DocumentRefused], None]
) -> dict[str, InUse]:
    """Every kept document that still verifies, by name, the members with the changes that came after.

    `refused` is told of those that do not (a key that is trusted no more); they are left out.
    """
    found: dict[str, InUse] = {}
    for name in COMPILERS:
        whole = await _restored(load, name, 0, store, trust, refused)
        if whole is not None:
            found[name] = InUse(whole)
    if "members" in found:
        changes = {}
        for number in range(1, MAX_CHANGES + 1):
            change = await _restored(load, "members", number, store, trust, refused)
            if change is None:
                break
            changes[number] = change
        found["members"] = replay_changes(found["members"], changes)
    return found


async def _restored(
    load: Load,
    name: str,
    changes: int,
    store: StoreRef,
    trust: TrustOptions,
    refused: Callable[[str, DocumentRefused], None],
) -> DocumentReady | None:
    kept = await load(kept_name(name, changes))
    if kept is None:
        return None
    try:
        manifest = read_manifest(kept.manifest, name)
        verify(name, manifest, kept.content, tenant=store.tenant, store=store.store, trust=trust)
        return ready(name, kept.content, manifest.serial)
    except DocumentRefused as refusal:
        refused(name, refusal)
        return None
