"""Whether an announced document may be taken, by its manifest alone."""

from dataclasses import dataclass

from gateway.documents.mapping import Source
from gateway.documents.refusal import DocumentRefused
from gateway.documents.registry import check_known
from gateway.documents.verify import Manifest, TrustOptions, verify_manifest
from gateway.model.inputs import DocumentReady
from gateway.model.store import StoreRef


@dataclass(frozen=True, slots=True)
class InUse:
    """A document that decides at the moment, and its bytes on disk: those of the whole one, then of each change."""

    ready: DocumentReady
    sources: tuple[Source, ...] = ()

    @property
    def changes(self) -> int:
        """How many changes came after its last whole version."""
        return max(0, len(self.sources) - 1)


def is_new(name: str, manifest: Manifest, store: StoreRef, trust: TrustOptions, in_use: InUse | None) -> bool:
    """Whether `manifest` announces something else than what is in use.

    Raises:
        DocumentRefused: as `check_known` and `verify_manifest`; `serial_reused`.
    """
    check_known(name)
    serial = None if in_use is None else in_use.ready.serial
    verify_manifest(name, manifest, tenant=store.tenant, store=store.store, trust=trust, current_serial=serial)
    if in_use is None or manifest.serial != in_use.ready.serial:
        return True
    if manifest.digest != in_use.ready.digest:
        problem = f"its serial {manifest.serial} is in use already, for other content"
        raise DocumentRefused("serial_reused", problem, "Send it under a higher serial", document=name)
    return False
