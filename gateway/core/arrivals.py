"""Arrivals: a member is in the shop by a word of their own, or by a code or pass that they show."""

from typing import Final

from gateway.codecs.member_code import MemberCodeError
from gateway.core.attendance import Attendance
from gateway.core.evidence import read_at
from gateway.core.member_codes import MemberCodes
from gateway.core.presence import Presences
from gateway.core.scans import Scans
from gateway.core.shop import Shop
from gateway.core.visits import Visits
from gateway.model.decision import Arrived, Decision
from gateway.model.meaning import KeptOut
from gateway.model.sighting import NFC_WALLET, CodeText, GuestCheckIn, NfcTag, PhoneCheckIn, Sighting
from gateway.model.time import Now
from gateway.model.visit import Visitor

_NOBODY_NOW: Final = KeptOut("code_unknown_member")
"""The members document is over, or has not begun: nobody knows what members agree to now."""


class Arrivals:
    """Brings a member into the shop, with a visit at once, and tells it."""

    def __init__(
        self, codes: MemberCodes, presences: Presences, visits: Visits, attendance: Attendance, scans: Scans
    ) -> None:
        self._codes = codes
        self._presences = presences
        self._visits = visits
        self._attendance = attendance
        self._scans = scans

    def read(
        self, sighting: Sighting, token: CodeText | NfcTag | GuestCheckIn | PhoneCheckIn, shop: Shop, now: Now
    ) -> tuple[Decision, ...] | Arrived | KeptOut | str | None:
        """What somebody held up or said: a member's code is an arrival, all else is told, a guest too.

        Gives what was decided, over a connection for whom, why nothing came of it, or the zone where a guest is.
        """
        if isinstance(token, PhoneCheckIn):
            return self._connected(sighting, token, shop, now)
        if isinstance(token, GuestCheckIn):
            return self._scans.greet(token, shop, now)
        shown = self._scans.read(sighting, token, shop, now)
        if shown is None or isinstance(shown, KeptOut):
            return shown
        if not self._codes.recognise(now):
            return _NOBODY_NOW
        try:
            visitor = self._codes.take(shown, sighting.medium, shop.plan, now, sighting.age_s)
        except MemberCodeError as error:
            return KeptOut(error.reason)
        method = "wallet" if sighting.medium == NFC_WALLET else "code" if isinstance(token, CodeText) else "tag"
        return self.check_in(visitor, sighting, method, shop, now)

    def check_in(self, visitor: Visitor, sighting: Sighting, method: str, shop: Shop, now: Now) -> tuple[Decision, ...]:
        """The member is here, at the receiver where one was; gives what was decided for them.

        Told so late that a visit of then would be over, it is told on, and starts nothing.
        """
        then = now.ago(sighting.age_s)
        if not self._attendance.lasts(then, now):
            return self._scans.was_here(visitor, sighting, method, shop, now)
        self._presences.arrive(visitor, sighting.medium, then, read_at(sighting, shop))
        self._visits.witness(visitor.subject, now)
        self._attendance.expect(visitor.subject, now)
        return self._scans.check_in(visitor, method, then, now)

    def _connected(self, sighting: Sighting, said: PhoneCheckIn, shop: Shop, now: Now) -> Arrived | KeptOut:
        """A member says over a connection to the gateway to be here."""
        if not self._codes.recognise(now):
            return _NOBODY_NOW
        try:
            visitor = self._codes.take_check_in(said, shop.plan, now)
        except MemberCodeError as error:
            return KeptOut(error.reason)
        return Arrived(visitor.subject, self.check_in(visitor, sighting, "connection", shop, now))
