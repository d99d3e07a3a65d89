"""The door: who may pass to a route, how often, and what happens to those who try keys."""

import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hashlib import sha256
from math import ceil
from typing import Annotated, Any, Final

from fastapi import Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from gateway.web.attempts import Attempts
from gateway.web.buckets import Buckets, Rate
from gateway.web.connection import THIS_MACHINE
from gateway.web.credentials import LONGEST_TOKEN, Credential, HeadOfficeTokens, NotCredential, Scope
from gateway.web.problems import Problem
from gateway.web.session_tokens import PREFIX, SessionTokens

COOKIE: Final = "proximity_session"
KNOWN_TOKENS: Final = 1_000
"""Verified tokens that are remembered, so that a phone's next request costs no signature."""
RATE: Final = Rate(per_s=20.0, burst=60)
"""How often one credential may ask."""
GUEST_RATE: Final = Rate(per_s=0.1, burst=6)
"""How often an address may ask for something without a credential."""
COSTLY_RATE: Final = Rate(per_s=1 / 30, burst=10)
"""How often one credential may ask for what reads through all that is kept and is told to head office each time."""
SAFE: Final = frozenset({"GET", "HEAD"})
BY_NUMBER: Final = re.compile(r"(localhost|[0-9.]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?")
"""A `Host` that no page of elsewhere has: whoever rebinds their own name to this machine is asked for by that name."""

_BEARER: Final = HTTPBearer(auto_error=False, description="A credential of head office, or a session's token.")
_SESSION: Final = APIKeyCookie(name=COOKIE, auto_error=False, description="The session of a person at a screen.")

Admission = Callable[..., Awaitable[Credential]]


class Door:
    """Admits credentials by scope. Wrong ones count against the address they come from.

    While an address has to wait, none of its credentials is looked at but those known to be right already.
    """

    def __init__(
        self,
        head_office: HeadOfficeTokens,
        sessions: SessionTokens,
        *,
        rate: Rate = RATE,
        utc_s: Callable[[], float] = time.time,
        mono_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.attempts = Attempts(mono_s)
        self._head_office = head_office
        self._sessions = sessions
        self._utc_s = utc_s
        self._buckets = Buckets(rate, mono_s)
        self._costly = Buckets(COSTLY_RATE, mono_s)
        self._guests = Buckets(GUEST_RATE, mono_s)
        self._known: OrderedDict[bytes, Credential] = OrderedDict()

    def admit(self, *scopes: Scope, costly: bool = False) -> Admission:
        """A dependency that gives the asker's credential, of one of `scopes`; `costly` is asked at `COSTLY_RATE`.

        It raises `Problem`: `unauthorised`, `forbidden`, `cross_origin`, `too_many_requests`, `too_many_attempts`.
        """

        async def admitted(
            request: Request,
            bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
            cookie: Annotated[str | None, Security(_SESSION)],
        ) -> Credential:
            token = bearer.credentials if bearer is not None else cookie
            if bearer is None and cookie is not None and request.method not in SAFE:
                _same_origin(request)
            credential = self.recognise(token, address_of(request))
            _take(self._buckets, credential.name, "credential")
            if credential.scope not in scopes:
                detail = f"This needs the scope {' or '.join(scopes)}; the credential has {credential.scope}."
                raise Problem("forbidden", detail)
            if costly:
                _take(self._costly, credential.name, "credential")
            return credential

        return admitted

    def guest_or(self, *scopes: Scope) -> Callable[..., Awaitable[Credential | None]]:
        """A dependency that gives the asker's credential, of one of `scopes`, or None for who shows none.

        Guests ask seldom (`GUEST_RATE`), by the address they come from.
        """
        admit: Any = self.admit(*scopes)

        async def passed(
            request: Request,
            bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
            cookie: Annotated[str | None, Security(_SESSION)],
        ) -> Credential | None:
            if bearer is not None or cookie is not None:
                credential: Credential = await admit(request, bearer, cookie)
                return credential
            if request.method not in SAFE:
                _same_origin(request)
            _take(self._guests, address_of(request), "address")
            return None

        return passed

    def local_or(self, *scopes: Scope) -> Callable[..., Awaitable[None]]:
        """A dependency that lets pass who asks from this machine, by number or as `localhost`; else who `admit` would.

        A browser on this machine carries pages of any name here.
        """
        admit: Any = self.admit(*scopes)

        async def passed(
            request: Request,
            bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
            cookie: Annotated[str | None, Security(_SESSION)],
        ) -> None:
            if address_of(request) not in THIS_MACHINE or not BY_NUMBER.fullmatch(request.headers.get("host", "")):
                await admit(request, bearer, cookie)

        return passed

    def recognise(self, token: str | None, address: str) -> Credential:
        """The credential that `token` is, shown from `address`.

        Raises:
            Problem: `unauthorised`, `too_many_attempts`.
        """
        if not token:
            raise Problem("unauthorised", "Show a credential: Authorization: Bearer …, or sign in with a code.")
        now_utc_s = self._utc_s()
        place = sha256(token.encode()).digest()
        known = self._known.get(place)
        if known is not None and now_utc_s < known.until_utc_s:
            self._known.move_to_end(place)
            return known
        self.check_attempts(address)
        try:
            credential = self._verify(token, now_utc_s)
        except NotCredential:
            self.attempts.failed(address)
            detail = "The credential is not valid here: expired, of another store, or of an unknown signer."
            raise Problem("unauthorised", detail) from None
        self._known[place] = credential
        if len(self._known) > KNOWN_TOKENS:
            self._known.popitem(last=False)
        return credential

    def forget(self, session: str) -> None:
        """A session was ended."""
        self._known = OrderedDict((place, each) for place, each in self._known.items() if each.session != session)

    def check_attempts(self, address: str) -> None:
        """Whether `address` may try a secret now.

        Raises:
            Problem: `too_many_attempts`.
        """
        wait_s = self.attempts.wait_s(address)
        if wait_s:
            detail = "Too many wrong credentials or codes came from this address; wait as long as Retry-After says."
            raise Problem("too_many_attempts", detail, retry_after_s=ceil(wait_s))

    def _verify(self, token: str, now_utc_s: float) -> Credential:
        if len(token) > LONGEST_TOKEN:
            raise NotCredential
        if token.startswith(f"{PREFIX}."):
            return self._sessions.verify(token, now_utc_s)
        return self._head_office.verify(token, now_utc_s)


def address_of(request: Request) -> str:
    """The address that asks."""
    return request.client.host if request.client is not None else ""


def _take(buckets: Buckets, key: str, what: str) -> None:
    wait_s = buckets.take(key)
    if wait_s:
        detail = f"This {what} asks too often; wait as long as Retry-After says."
        raise Problem("too_many_requests", detail, retry_after_s=ceil(wait_s))


def _same_origin(request: Request) -> None:
    """What a browser sends by itself, a cookie or nothing, changes something only from the gateway's own pages."""
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise Problem("cross_origin", "A page of another origin may change nothing here.")
