"""Sessions of people at a screen: a signed token that this gateway alone can make and read."""

import hmac
import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from gateway.web.credentials import SCOPES, Credential, NotCredential, Scope

PREFIX: Final = "s1"
SESSION_S: Final = 12 * 3600.0
"""How long a session lasts (seconds): a day's work, not a night."""


class SessionTokens:
    """Issues and verifies `s1.SCOPE.UNTIL.ID.MAC`: UNTIL in seconds since 1970, MAC the HMAC-SHA256 of what is before.

    `ended` tells whether the session of an id was ended before its time.
    """

    def __init__(self, key: bytes, ended: Callable[[str], bool]) -> None:
        self._key = key
        self._ended = ended

    def issue(self, scope: Scope, now_utc_s: float, lasts_s: float = SESSION_S) -> tuple[str, Credential]:
        """A token for a new session, and what it proves."""
        until_utc_s = int(now_utc_s + lasts_s)
        said = f"{PREFIX}.{scope}.{until_utc_s}.{secrets.token_hex(16)}"
        token = f"{said}.{self._mac(said)}"
        return token, self.verify(token, now_utc_s)

    def verify(self, token: str, now_utc_s: float) -> Credential:
        """The credential that `token` is at `now_utc_s` (seconds since 1970).

        Raises:
            NotCredential: it was not made here, its time is over, or its session was ended.
        """
        said, _, mac = token.rpartition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(said).encode()):
            raise NotCredential
        prefix, scope, until, session = said.split(".")
        if prefix != PREFIX or scope not in SCOPES or now_utc_s >= int(until) or self._ended(session):
            raise NotCredential
        return Credential(scope, None, float(until), f"session/{session}", session)

    def _mac(self, said: str) -> str:
        return hmac.new(self._key, said.encode(), sha256).hexdigest()
