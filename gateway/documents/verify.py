"""Trust: a document is taken only with a signature of a key that this shop was set up with."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.codecs.signing import digest_of, public_key_from, signature_holds, signing_text
from gateway.documents.refusal import DocumentRefused

MEBIBYTE: Final = 1 << 20

BOUNDS: Final[Mapping[str, int]] = {
    "floorplan": 1 * MEBIBYTE,
    "campaigns": 16 * MEBIBYTE,
    "products": 64 * MEBIBYTE,
    "members": 384 * MEBIBYTE,
    "issuers": 1 * MEBIBYTE,
    "devices": 1 * MEBIBYTE,
    "settings": 1 * MEBIBYTE,
}
"""The most bytes that a document may have; a larger one is refused before it is read or fetched."""


@dataclass(frozen=True, slots=True)
class TrustOptions:
    """Whose documents are taken (`[trust]`)."""

    keys: Mapping[str, str] = field(default_factory=dict)
    """Head office's Ed25519 public keys by name, each base64 of its 32 bytes. With none, no document is taken."""
    ca: Path | None = None
    """PEM file of the authorities that may sign the certificate of a server of documents; None = the system's."""


class Manifest(BaseModel):
    """What announces a document: keys of newer peers are ignored (`wire.md`, `documents/{name}`)."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    serial: int = Field(ge=0)
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    size: int = Field(ge=0)
    key: str
    signature: str
    url: str | None = None
    inline: str | None = None


def read_manifest(raw: bytes, name: str) -> Manifest:
    """The manifest of document `name`.

    Raises:
        DocumentRefused: `bad_manifest`.
    """
    try:
        return Manifest.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(step) for step in first["loc"])
        problem = f"its manifest is not of the form: {first['msg']}"
        raise DocumentRefused("bad_manifest", problem, "Sign the document again", document=name, key=key) from error


def kept_manifest(manifest: Manifest) -> bytes:
    """A manifest as it is kept beside its document: without the document in it."""
    return manifest.model_dump_json(exclude={"inline"}, exclude_none=True).encode()


def inline_content(name: str, manifest: Manifest) -> bytes | None:
    """The document's bytes where its manifest carries them, None where they are to be fetched from its `url`.

    Raises:
        DocumentRefused: `bad_manifest`: `inline` is not base64.
    """
    if manifest.inline is None:
        return None
    try:
        return base64.b64decode(manifest.inline, validate=True)
    except ValueError as error:
        problem = "inline is not base64"
        raise DocumentRefused("bad_manifest", problem, "Send it again", document=name, key="inline") from error


def verify_manifest(
    name: str, manifest: Manifest, *, tenant: str, store: str, trust: TrustOptions, current_serial: int | None = None
) -> None:
    """Whether the document that `manifest` announces may be fetched and judged by `verify`.

    Raises:
        DocumentRefused: `too_large`, `unknown_key`, `bad_signature`, or `older_serial` than `current_serial`
            (the same serial
            passes: a retained manifest is heard again at every connection).
    """
    check_bound(name, manifest.size)
    text = signing_text(tenant=tenant, store=store, name=name, serial=manifest.serial, digest=manifest.digest)
    check_signature(name, trust, manifest.key, text, manifest.signature)
    if current_serial is not None and manifest.serial < current_serial:
        problem = f"its serial {manifest.serial} is older than {current_serial}, which is in use"
        raise _refused("older_serial", problem, "Send it again under a higher serial", name)


def check_signature(name: str, trust: TrustOptions, key: str, text: bytes, signature: str) -> None:
    """Whether `signature` (base64) is that of the trusted `key` over `text`, which says what `name` is and for whom.

    Raises:
        DocumentRefused: `unknown_key` or `bad_signature`.
    """
    trusted = trust.keys.get(key)
    if trusted is None:
        known = ", ".join(sorted(trust.keys)) or "none"
        problem = f"it is signed by {key!r}, which is not trusted here (trusted: {known})"
        raise _refused("unknown_key", problem, "Add the key to [trust], or sign with a trusted one", name)
    try:
        holds = signature_holds(public_key_from(trusted), text, signature)
    except ValueError as error:
        problem = f"the key {key!r} in [trust] is of no use: {error}"
        raise _refused("unknown_key", problem, "Write the key as base64 of its 32 bytes", name) from error
    if not holds:
        problem = f"the signature of {key!r} is not over this document of this store"
        raise _refused("bad_signature", problem, "Sign it for this tenant, store, name and serial", name)


def verify(
    name: str,
    manifest: Manifest,
    content: bytes,
    *,
    tenant: str,
    store: str,
    trust: TrustOptions,
    current_serial: int | None = None,
) -> None:
    """Whether `content` is document `name` as a trusted key signed it for this store.

    Raises:
        DocumentRefused: as `verify_manifest`, and `wrong_size` or `wrong_digest` where the bytes are not those signed.
    """
    verify_manifest(name, manifest, tenant=tenant, store=store, trust=trust, current_serial=current_serial)
    check_content(name, manifest.size, manifest.digest, len(content), digest_of(content))


def check_content(name: str, signed_size: int, signed_digest: str, size: int, digest: str) -> None:
    """Whether what is there, of `size` bytes and `digest`, is what was signed.

    Raises:
        DocumentRefused: `wrong_size` or `wrong_digest`.
    """
    if size != signed_size:
        problem = f"it has {size} bytes, and its manifest says {signed_size}"
        raise _refused("wrong_size", problem, "Send document and manifest again, together", name)
    if digest != signed_digest:
        problem = "its bytes are not those that were signed"
        raise _refused("wrong_digest", problem, "Send document and manifest again, together", name)


def check_bound(name: str, size: int) -> None:
    """Whether document `name` may have `size` bytes.

    Raises:
        DocumentRefused: `too_large`.
    """
    bound = BOUNDS.get(name, MEBIBYTE)
    if size > bound:
        problem = f"it has {size} bytes; a {name} document has at most {bound}"
        raise _refused("too_large", problem, "Send a smaller one", name)


def _refused(code: str, problem: str, hint: str, name: str) -> DocumentRefused:
    return DocumentRefused(code, problem, hint, document=name)
