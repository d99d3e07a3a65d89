"""One thing held to a reader is one sighting: what was seen a moment ago counts again only after a pause."""

import secrets
from collections import OrderedDict
from hashlib import blake2b
from typing import Final

REMEMBERED: Final = 256
"""Things remembered at once; beyond it the one seen longest ago is forgotten, and may count again."""


class CoolDown:
    """Remembers what was seen, for `pause_s` (seconds) after it was last seen.

    Only a hash under a salt of this life is kept: neither a text nor a tag's serial number can be had from it.
    """

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s
        self._salt = secrets.token_bytes(16)
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def is_new(self, what: bytes, mono_s: float) -> bool:
        """Whether `what` counts now; either way it was seen."""
        key = self._key(what)
        before_s = self._seen.pop(key, None)
        self._seen[key] = mono_s
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return before_s is None or mono_s - before_s >= self._pause_s

    def forget(self, what: bytes) -> None:
        """What was seen came to nothing: it counts as soon as it is seen again."""
        self._seen.pop(self._key(what), None)

    def _key(self, what: bytes) -> bytes:
        return blake2b(what, digest_size=16, key=self._salt).digest()
