"""Whether an announced document is taken: verified, compiled, a change to the members applied. Pure; may be slow."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from gateway.documents.members import apply_delta
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import ready
from gateway.documents.verify import Manifest, TrustOptions, inline_content, verify, verify_manifest
from gateway.model.documents import Members
from gateway.model.inputs import DocumentReady
from gateway.model.store import StoreRef

MAX_CHANGES: Final = 32
"""Changes of the members kept after the last whole document; the next one is refused, so that it comes whole."""


@dataclass(frozen=True, slots=True)
class InUse:
    """A document that decides at the moment; `changes` of it came after its last whole version."""

    ready: DocumentReady
    changes: int = 0


def judge(
    name: str,
    manifest: Manifest,
    *,
    store: StoreRef,
    trust: TrustOptions,
    in_use: InUse | None,
) -> tuple[InUse, bytes]:
    """What `manifest` puts into use, and the document's bytes to keep; `in_use` itself when it is that already.

    Raises:
        DocumentRefused: as `verify` and `ready`; `serial_reused`, `unsupported` (only by url), `wrong_base` (a change
            to members that are not in use), `too_many_changes`.
    """
    current = None if in_use is None else in_use.ready
    serial = None if current is None else current.serial
    verify_manifest(name, manifest, tenant=store.tenant, store=store.store, trust=trust, current_serial=serial)
    if in_use is not None and manifest.serial == in_use.ready.serial:
        if manifest.digest == in_use.ready.digest:
            return in_use, b""
        problem = f"its serial {manifest.serial} is in use already, for other content"
        raise DocumentRefused("serial_reused", problem, "Send it under a higher serial", document=name)
    content = inline_content(name, manifest)
    if content is None:
        problem = "this version takes documents inline only, and fetches none from a url"
        raise DocumentRefused("unsupported", problem, "Send it inline", document=name, key="url")
    verify(name, manifest, content, tenant=store.tenant, store=store.store, trust=trust, current_serial=serial)
    return _apply(ready(name, content, manifest.serial), in_use), content


def replay_changes(whole: InUse, changes: Mapping[int, DocumentReady]) -> InUse:
    """The members after those of the kept `changes` (by number, from 1) that belong to `whole`; leftovers are not."""
    in_use = whole
    for number in range(1, MAX_CHANGES + 1):
        if number not in changes:
            break
        try:
            in_use = _apply(changes[number], in_use)
        except DocumentRefused:
            break
    return in_use


def _apply(offered: DocumentReady, in_use: InUse | None) -> InUse:
    if not isinstance(offered.content, Members) or offered.content.base_serial is None:
        return InUse(offered)
    if in_use is None or not isinstance(in_use.ready.content, Members):
        problem = f"it changes serial {offered.content.base_serial}, and there are no members here"
        raise DocumentRefused("wrong_base", problem, "Send the members whole", document=offered.name)
    if in_use.changes == MAX_CHANGES:
        problem = f"{MAX_CHANGES} changes were taken since the members came whole"
        raise DocumentRefused("too_many_changes", problem, "Send the members whole", document=offered.name)
    merged = apply_delta(in_use.ready.content, offered.content)
    return InUse(replace(offered, content=merged), in_use.changes + 1)
