"""Bearer credentials as head office signs them: JWT (RFC 7519) with Ed25519 (RFC 9864)."""

from base64 import urlsafe_b64encode
from typing import Literal

from joserfc import jwt
from joserfc.jwk import OKPKey

from gateway.model.store import StoreRef
from simulators.signer import Signer

Scope = Literal["till", "staff", "it", "display"]
"""Who shows it, beside members."""


def member_credential(signer: Signer, store: StoreRef, handle: str, until_utc_s: float) -> str:
    """What the app of the member with this handle shows to the gateways of `store` until then (seconds since 1970)."""
    return _credential(signer, store, until_utc_s, scope="member", sub=handle)


def credential(signer: Signer, store: StoreRef, scope: Scope, until_utc_s: float) -> str:
    """What a seller's tablet, a till or a display shows to the gateways of `store` until then (seconds since 1970)."""
    return _credential(signer, store, until_utc_s, scope=scope)


def _credential(signer: Signer, store: StoreRef, until_utc_s: float, **proves: str) -> str:
    audience = f"proximity:{store.tenant}/{store.store}"
    claims = {"iss": signer.name, "aud": audience, "exp": int(until_utc_s), **proves}
    private, public = signer.key.private_bytes_raw(), signer.key.public_key().public_bytes_raw()
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": _text(public), "d": _text(private)})
    return jwt.encode({"alg": "Ed25519"}, claims, key, algorithms=["Ed25519"])


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
