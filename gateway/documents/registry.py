"""Every document there is and how it is compiled, and documents read from files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from gateway.codecs.signing import digest_of
from gateway.documents.campaigns import campaigns_in_slices, compile_campaigns, parts_of
from gateway.documents.devices import compile_devices
from gateway.documents.floorplan import compile_floorplan
from gateway.documents.issuers import compile_issuers
from gateway.documents.members import compile_members
from gateway.documents.products import compile_products
from gateway.documents.refusal import DocumentRefused
from gateway.documents.settings import compile_settings
from gateway.documents.verify import TrustOptions, check_bound, read_manifest, verify
from gateway.model.devices import Devices
from gateway.model.documents import Campaigns, FloorPlan, Members, Products, SentSettings
from gateway.model.inputs import DocumentReady
from gateway.model.issuers import Issuers
from gateway.model.slices import Slices

Compiled = FloorPlan | Campaigns | Members | Products | Issuers | Devices | SentSettings

COMPILERS: Final[Mapping[str, Callable[[bytes], Compiled]]] = {
    "floorplan": compile_floorplan,
    "campaigns": compile_campaigns,
    "products": compile_products,
    "members": compile_members,
    "issuers": compile_issuers,
    "devices": compile_devices,
    "settings": compile_settings,
}
"""A new document is one file and one line here."""

SLICED: Final[Mapping[str, Callable[[bytes], Slices[Compiled]]]] = {"campaigns": campaigns_in_slices}
"""Those that can be so large that the daemon compiles them in slices, once a child has found them right."""


def parts_of_large(content: object) -> list[object]:
    """What a document is to be taken apart into that it would take long to give back at once; nothing for others."""
    return parts_of(content) if isinstance(content, Campaigns) else []


def compile_document(name: str, raw: bytes) -> Compiled:
    """Document `name` of `raw`, compiled.

    Raises:
        DocumentRefused: as `check_known`, or as its compiler says.
    """
    check_known(name)
    return COMPILERS[name](raw)


def check_known(name: str) -> None:
    """Whether there is such a document in this version.

    Raises:
        DocumentRefused: `unsupported`.
    """
    if name not in COMPILERS:
        problem = f"this version takes no document {name!r}"
        raise DocumentRefused("unsupported", problem, f"Send one of {', '.join(COMPILERS)}", document=name)


def ready(name: str, raw: bytes, serial: int | None = None) -> DocumentReady:
    """Document `name` of `raw` compiled, as the engine takes it; `serial` is its manifest's, None where it has none.

    Raises:
        DocumentRefused: as `compile_document` and `check_serial`.
    """
    content = compile_document(name, raw)
    if serial is not None:
        check_serial(name, content, serial)
    written = 0 if isinstance(content, FloorPlan) else content.serial
    return DocumentReady(name, written if serial is None else serial, digest_of(raw), content)


def check_serial(name: str, content: Compiled, serial: int) -> None:
    """Whether document and manifest name the same serial; a floor plan, written by hand, names none.

    Raises:
        DocumentRefused: `wrong_serial`.
    """
    if not isinstance(content, FloorPlan) and serial != content.serial:
        problem = f"it says serial {content.serial}, and its manifest {serial}"
        raise DocumentRefused("wrong_serial", problem, "Sign it under its own serial", document=name, key="serial")


def load_signed(path: Path, name: str, *, tenant: str, store: str, trust: TrustOptions) -> DocumentReady:
    """Document `name` of the file `path`, signed by the manifest beside it (`campaigns.manifest.json`).

    Raises:
        DocumentRefused: naming the file: `missing`, `unreadable`, `unsigned`, or as `verify` and `ready` say.
    """
    manifest_path = path.with_name(f"{path.stem}.manifest.json")
    try:
        content = _read(path, name)
        if not manifest_path.exists():
            problem = f"it has no signature: there is no file {manifest_path.name} beside it"
            hint = "Ask head office for the manifest that belongs to it"
            raise DocumentRefused("unsigned", problem, hint, document=name)
        manifest = read_manifest(_read(manifest_path, name), name)
        verify(name, manifest, content, tenant=tenant, store=store, trust=trust)
        return ready(name, content, manifest.serial)
    except DocumentRefused as refused:
        raise refused.within(path.name) from refused


def load_unsigned(path: Path, name: str) -> DocumentReady:
    """Document `name` of the file `path`, taken as it is: the operator's own floor plan, and the documents of a replay.

    Raises:
        DocumentRefused: naming the file: `missing`, `unreadable`, `too_large`, or as `ready` says.
    """
    try:
        return ready(name, _read(path, name))
    except DocumentRefused as refused:
        raise refused.within(path.name) from refused


def _read(path: Path, name: str) -> bytes:
    try:
        check_bound(name, path.stat().st_size)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DocumentRefused("missing", f"there is no file {path}", "Correct the path, or put it there") from error
    except OSError as error:
        problem = f"it cannot be read: {error.strerror}"
        raise DocumentRefused("unreadable", problem, "Correct its rights or the path") from error
