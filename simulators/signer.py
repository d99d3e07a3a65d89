"""Head office's key, and the manifest that vouches for a document (wire.md, "MQTT", `documents/{name}`)."""

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.codecs.signing import public_key_text, sign_command, sign_feed, sign_manifest
from gateway.model.store import StoreRef
from gateway.model.time import rfc3339


@dataclass(frozen=True, slots=True)
class Signer:
    """An Ed25519 key under the name that `[trust]` knows it by; a new key every time unless one is given."""

    name: str = "hq-demo"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate, repr=False)

    @property
    def public_key(self) -> str:
        """The public key as `[trust]` holds it: base64 of its 32 bytes."""
        return public_key_text(self.key)

    def manifest(self, content: bytes, store: StoreRef, name: str, serial: int, url: str | None = None) -> bytes:
        """The signed manifest of document `name` of this store, compact JSON: its content inline, or at `url`."""
        signed = sign_manifest(
            content,
            tenant=store.tenant,
            store=store.store,
            name=name,
            serial=serial,
            key=self.name,
            private_key=self.key,
        )
        place = {"inline": base64.b64encode(content).decode()} if url is None else {"url": url}
        return json.dumps(signed | place, separators=(",", ":")).encode()

    def batch(
        self,
        store: StoreRef,
        feed: str,
        serial: int,
        rows: Sequence[Mapping[str, object]],
        base_serial: int | None = None,
    ) -> bytes:
        """A signed batch of a feed: all its `rows`, or what changed since the batch `base_serial`."""
        text = json.dumps({"base_serial": base_serial, "rows": rows}, ensure_ascii=False, separators=(",", ":"))
        signed = sign_feed(
            text, tenant=store.tenant, store=store.store, feed=feed, serial=serial, key=self.name, private_key=self.key
        )
        return json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode()

    def order(
        self,
        store: StoreRef,
        name: str,
        order_id: str,
        at_utc_s: float,
        lasts_s: float,
        arguments: Mapping[str, object],
    ) -> bytes:
        """The signed command `name` for one gateway: issued then (seconds since 1970), good for so long (seconds)."""
        command = {
            "id": order_id,
            "name": name,
            "tenant": store.tenant,
            "store": store.store,
            "gateway": store.gateway,
            "issued_at": rfc3339(at_utc_s),
            "expires_at": rfc3339(at_utc_s + lasts_s),
            "arguments": arguments,
        }
        text = json.dumps(command, ensure_ascii=False, separators=(",", ":"))
        signed = sign_command(text, key=self.name, private_key=self.key)
        return json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode()


def signer_of(path: Path) -> Signer:
    """The signer whose private key is in `path` (PEM, PKCS #8); a new key is written there, mode 0600, if none is.

    Raises:
        OSError: the file can be neither read nor written.
        ValueError: it holds something else than an Ed25519 private key.
    """
    if not path.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        msg = f"{path} holds no private key that opens (PEM, no passphrase): name the file that has head office's"
        raise ValueError(msg) from error
    if not isinstance(key, Ed25519PrivateKey):
        msg = f"{path} holds a private key that is not Ed25519: name the file that has head office's"
        raise ValueError(msg)
    return Signer(key=key)
