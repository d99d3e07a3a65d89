"""Head office's key, and the manifest that vouches for a document (wire.md, "MQTT", `documents/{name}`)."""

import base64
import json
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.signing import public_key_text, sign_manifest
from gateway.model.store import StoreRef


@dataclass(frozen=True, slots=True)
class Signer:
    """An Ed25519 key under the name that `[trust]` knows it by; a new key every time unless one is given."""

    name: str = "hq-demo"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate, repr=False)

    @property
    def public_key(self) -> str:
        """The public key as `[trust]` holds it: base64 of its 32 bytes."""
        return public_key_text(self.key)

    def manifest(self, content: bytes, store: StoreRef, name: str, serial: int) -> bytes:
        """The signed manifest of document `name` of this store, its content inline, as compact JSON."""
        signed = sign_manifest(
            content,
            tenant=store.tenant,
            store=store.store,
            name=name,
            serial=serial,
            key=self.name,
            private_key=self.key,
        )
        inline = base64.b64encode(content).decode()
        return json.dumps(signed | {"inline": inline}, separators=(",", ":")).encode()
