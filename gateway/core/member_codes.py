"""Members' codes and passes: whose one is, and whether it is good here and now."""

from hashlib import blake2b
from typing import Final

from gateway.codecs.check_in import challenge_digest, read_statement
from gateway.codecs.cose import PublicKey, key_from
from gateway.codecs.meanings import OfMember, SignedCode
from gateway.codecs.member_code import (
    Credential,
    MemberCode,
    MemberCodeError,
    read_code,
    store_audience,
    tenant_audience,
)
from gateway.codecs.wallet import WalletPass
from gateway.core.identity import Identity
from gateway.core.state import State
from gateway.model.documents import FloorPlan
from gateway.model.issuers import Issuers, ShownCode
from gateway.model.meaning import KeptOutReason
from gateway.model.sighting import NFC_WALLET, Medium, PhoneCheckIn
from gateway.model.time import Now
from gateway.model.visit import Assurance, Visitor

FRESH_S: Final = 60.0
"""A code may be this old, and a phone's or head office's clock this far ahead (seconds)."""
KEPT_S: Final = 86_400.0
"""For how long after it was made a code that was shown is known (seconds): so late may a satellite tell of one."""
MOST_KEPT: Final = 4_096
"""Codes known at a time; beyond, the one made first goes, and none that was made as early is taken any more."""
LONGEST_S: Final = 7 * 86_400.0
"""A credential may be good for no longer (seconds): this bounds what a phone that was lost is worth."""
TURNS_S: Final = 60.0
"""A pass shows one barcode for at most this long (seconds)."""


class MemberCodes:
    """Judges codes by head office's issuers, offline. Each signed code is taken once, across restarts too.

    A signed code proves who shows it. A pass proves it to a certified reader alone; as a barcode it is a claim.
    """

    def __init__(self, state: State, identity: Identity) -> None:
        self._state = state
        self._identity = identity
        self._issuers: dict[str, PublicKey] = {}

    def use(self, issuers: Issuers) -> None:
        """These issuers are trusted."""
        self._issuers = {name: key_from(octets) for name, octets in issuers.keys.items()}

    def recognise(self, now: Now) -> bool:
        """Whether anybody may be recognised by a code at `now`: the members document, if any, is in its time."""
        return self._identity.holds(now)

    def owner(self, shown: OfMember) -> str | None:
        """Whose code it is (a handle), whenever it was made; None where no issuer that is trusted says so."""
        if isinstance(shown, WalletPass):
            return shown.handle
        try:
            return read_code(shown.octets, self._issuers.get).credential.handle
        except MemberCodeError:
            return None

    def take(self, shown: OfMember, medium: Medium, plan: FloorPlan, now: Now, age_s: float = 0.0) -> Visitor:
        """Who showed this by `medium`, in the shop of `plan`, `age_s` (seconds) before `now`, when it is told.

        It is judged by when it was shown. That it was not shown before is known for a day.

        Raises:
            MemberCodeError: why it is not taken.
        """
        if now.clock == "unset":
            raise MemberCodeError("code_clock_unset")
        then = now.ago(age_s)
        if isinstance(shown, SignedCode):
            return self._signed(read_code(shown.octets, self._issuers.get), plan, then, now)
        if medium == NFC_WALLET:
            return self._visitor(shown.handle, Assurance.PROVEN)
        if shown.made_utc_s is None or not -FRESH_S <= then.utc_s - shown.made_utc_s <= TURNS_S + FRESH_S:
            raise MemberCodeError("code_out_of_time")
        return self._visitor(shown.handle, Assurance.CLAIMED)

    def take_check_in(self, said: PhoneCheckIn, plan: FloorPlan, now: Now) -> Visitor:
        """Who says over a connection to be here at `now`: what was signed holds for the challenge of it alone.

        Raises:
            MemberCodeError: why it is not taken.
        """
        if now.clock == "unset":
            raise MemberCodeError("code_clock_unset")
        credential, digest = read_statement(said.statement, self._issuers.get)
        refusal = _not_for_us(credential, plan, now)
        if refusal is None and digest != challenge_digest(said.challenge):
            refusal = "code_other_challenge"
        if refusal is not None:
            raise MemberCodeError(refusal)
        return self._visitor(credential.handle, Assurance.PROVEN)

    def _signed(self, code: MemberCode, plan: FloorPlan, then: Now, now: Now) -> Visitor:
        refusal = _not_for_us(code.credential, plan, then)
        if refusal is None and abs(then.utc_s - code.shown_utc_s) > FRESH_S:
            refusal = "code_out_of_time"
        if refusal is not None:
            raise MemberCodeError(refusal)
        visitor = self._visitor(code.credential.handle, Assurance.PROVEN)
        self._once(code, now)
        return visitor

    def _visitor(self, handle: str, assurance: Assurance) -> Visitor:
        if not self._identity.recognises(handle):
            raise MemberCodeError("code_unknown_member")
        return Visitor(f"m.{handle}", "member", assurance)

    def _once(self, code: MemberCode, now: Now) -> None:
        """Note the code. One that would be forgotten already, had it been shown before, is not taken."""
        digest = blake2b(code.shown, digest_size=16, person=b"member code").hexdigest()
        shown = ShownCode(digest, round(code.shown_utc_s + KEPT_S, 3))
        if digest in self._state.shown_codes:
            raise MemberCodeError("code_replayed")
        if shown.until_utc_s < now.utc_s:
            raise MemberCodeError("code_too_late")
        for known in list(self._state.shown_codes.values()):
            if known.until_utc_s < now.utc_s:
                self._state.forget_shown_code(known)
        if len(self._state.shown_codes) >= MOST_KEPT:
            oldest = min(self._state.shown_codes.values(), key=lambda known: known.until_utc_s)
            if shown.until_utc_s <= oldest.until_utc_s:
                raise MemberCodeError("code_too_late")
            self._state.forget_shown_code(oldest)
        self._state.save(shown)


def _not_for_us(credential: Credential, plan: FloorPlan, now: Now) -> KeptOutReason | None:
    whole_brand = tenant_audience(plan.tenant)
    if credential.audience not in {whole_brand, store_audience(plan.tenant, plan.store)}:
        return "code_wrong_store" if credential.audience.startswith(f"{whole_brand}/") else "code_wrong_audience"
    if now.utc_s < credential.begins_utc_s - FRESH_S:
        return "code_not_yet_valid"
    if now.utc_s >= credential.ends_utc_s + FRESH_S:
        return "code_expired"
    if credential.ends_utc_s - credential.begins_utc_s > LONGEST_S:
        return "code_lasts_too_long"
    return None
