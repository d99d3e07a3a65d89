"""Who asks: bearer credentials signed by head office (JWT, RFC 7519; Ed25519), verified without a network."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, TypeGuard, get_args

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from gateway.codecs.signing import public_key_from
from gateway.model.store import StoreRef

Scope = Literal["member", "till", "staff", "it", "display", "visitor"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
LEEWAY_S: Final = 60.0
"""How far the clocks of head office and the shop may be apart (seconds)."""
LONGEST_TOKEN: Final = 4096
LONGEST_HANDLE: Final = 128


@dataclass(frozen=True, slots=True)
class Credential:
    """What an asker proved: a scope until a time (seconds since 1970).

    `subject` is a member's (`m.` and the handle), None for the others; `name` tells credentials apart where requests
    are counted; `session` is the id of a session of this gateway, None for a credential of head office.
    """

    scope: Scope
    subject: str | None
    until_utc_s: float
    name: str
    session: str | None = None


def handle_of(member: Credential) -> str:
    """The handle of a member's credential."""
    return str(member.subject).removeprefix("m.")


class NotCredential(Exception):
    """The token proves nothing here; why is not told to the asker."""


class HeadOfficeTokens:
    """Verifies JWTs: `iss` names a key in `[trust]`, `aud` is this store, `scope` one scope, `sub` a member's handle.

    The header's `alg` may be `Ed25519` (RFC 9864) or its older name `EdDSA` (RFC 8037), nothing else.
    """

    def __init__(self, keys: Mapping[str, str], store: StoreRef) -> None:
        self._keys = {name: _jwk(text) for name, text in keys.items()}
        self._audience = audience(store)

    def verify(self, token: str, now_utc_s: float) -> Credential:
        """The credential that `token` is at `now_utc_s` (seconds since 1970).

        Raises:
            NotCredential: it is of another form, key, store or time.
        """
        try:
            claims = _object(jws.extract_compact(token.encode()).payload)
            issuer = claims.get("iss")
            key = self._keys.get(issuer) if isinstance(issuer, str) else None
            if key is None:
                raise NotCredential
            jws.deserialize_compact(token, key, registry=_Registry())
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise NotCredential from error
        return self._credential(claims, now_utc_s)

    def _credential(self, claims: Mapping[str, Any], now_utc_s: float) -> Credential:
        scope, subject = claims.get("scope"), claims.get("sub")
        until, begin = claims.get("exp"), claims.get("nbf", 0)
        audiences = claims.get("aud")
        if self._audience not in (audiences if isinstance(audiences, list) else [audiences]):
            raise NotCredential
        if not _is_time(until) or not _is_time(begin) or not begin - LEEWAY_S <= now_utc_s < until + LEEWAY_S:
            raise NotCredential
        if scope not in SCOPES:
            raise NotCredential
        if scope != "member":
            return Credential(scope, None, until + LEEWAY_S, f"{claims['iss']}/{scope}/{claims.get('jti') or subject}")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_HANDLE or not subject.isprintable():
            raise NotCredential
        return Credential(scope, f"m.{subject}", until + LEEWAY_S, f"m.{subject}")


def audience(store: StoreRef) -> str:
    """What `aud` has to be: `proximity:{tenant}/{store}`."""
    return f"proximity:{store.tenant}/{store.store}"


class _Registry(JWSRegistry):
    """Ed25519 under both of its names, and nothing else."""

    def __init__(self) -> None:
        super().__init__(algorithms=("Ed25519", "EdDSA"))

    algorithms = MappingProxyType(  # type: ignore[assignment]
        dict.fromkeys(("Ed25519", "EdDSA"), JWSRegistry.algorithms["Ed25519"])
    )


def _jwk(text: str) -> OKPKey:
    raw = urlsafe_b64encode(public_key_from(text).public_bytes_raw()).rstrip(b"=").decode()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": raw})


def _object(payload: bytes | None) -> dict[str, Any]:
    claims = json.loads(payload or b"")
    if not isinstance(claims, dict):
        raise NotCredential
    return claims


def _is_time(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
