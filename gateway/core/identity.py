"""Who a sighting is of: members by the token of the slot or by their credential, tags by the floor plan."""

from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import Final

from gateway.codecs.tokens import slot_of
from gateway.core.agreement import in_force
from gateway.core.purposes import PRESENCE
from gateway.core.shop import Shop
from gateway.core.token_slots import TokenSlots
from gateway.model.consent import Consent
from gateway.model.documents import PURPOSES, Member, Members
from gateway.model.health import Condition
from gateway.model.inputs import Tokens
from gateway.model.sighting import AppReport, BeaconId, CheckIn, MemberToken, OwnScan, Sighting
from gateway.model.time import Now, rfc3339
from gateway.model.visit import Assurance, Visitor

NO_CONSENTS: Final[Mapping[str, Consent]] = MappingProxyType({})


class Identity:
    """Resolves sightings. Without a members document every handle that a credential names is a consenting member."""

    def __init__(self, erased: Container[str] = (), consents: Mapping[str, Consent] = NO_CONSENTS) -> None:
        """`erased` are the handles of members who are nobody's any more, whatever the document says.

        `consents` are, by handle, what members said here.
        """
        self._erased = erased
        self._consents = consents
        self.members: Members | None = None
        self.slots = TokenSlots()

    def use(self, members: Members) -> None:
        """Replace the members known here; tables that are handed over hold until their successors come."""
        self.members = members
        self.slots.use(members)

    def use_tokens(self, serial: int, slot: int, table: Tokens) -> None:
        """Take the tokens of a slot, computed of the members of this serial; of others they are of no use."""
        if self.members is not None and self.members.serial == serial:
            self.slots.use_table(slot, table)

    def member(self, handle: str) -> Member | None:
        """The member of this handle, if known here."""
        if handle in self._erased:
            return None
        if self.members is None:
            return in_force(Member(handle, purposes=PURPOSES), self._consents.get(handle), None)
        member = self.members.members.get(handle)
        return member and in_force(member, self._consents.get(handle), self.members.serial)

    def recognises(self, handle: str) -> bool:
        """Whether this handle is a member who agreed to be recognised."""
        member = self.member(handle)
        return member is not None and PRESENCE in member.purposes

    def resolve(self, sighting: Sighting, shop: Shop, now: Now) -> Visitor | None:
        """Who this is of, or None: a stranger, an ambiguous token, a member who did not agree, a thing of the shop."""
        match sighting.token:
            case MemberToken(value):
                handle = self._handle_of(value, now)
            case AppReport(handle) | CheckIn(handle) | OwnScan(handle):
                pass
            case BeaconId() as beacon:
                return shop.tags.get(beacon)
            case _:
                return None
        if handle is None or not self.recognises(handle) or not self.holds(now):
            return None
        return Visitor(f"m.{handle}", "member", Assurance.PROXIMATE)

    def holds(self, now: Now) -> bool:
        """Whether the members document, if any, may be used at `now`; a clock that is not set cannot tell."""
        if self.members is None or now.clock == "unset":
            return True
        start_s, end_s = self.members.valid_from_utc_s, self.members.valid_until_utc_s
        return (start_s is None or start_s <= now.utc_s) and (end_s is None or now.utc_s < end_s)

    def awaits_tables(self, now: Now) -> bool:
        """Whether whose token one is may be known in a moment, although it is not yet."""
        return now.clock != "unset" and self.slots.awaited(slot_of(now.utc_s))

    def condition(self, now: Now) -> Condition | None:
        """Whether the members document holds; None where there is none."""
        if self.members is None:
            return None
        if self.holds(now):
            return Condition("members", "in_force", "ok")
        start, end = _when(self.members.valid_from_utc_s), _when(self.members.valid_until_utc_s)
        hint = f"it holds from {start} until {end}; nobody is recognised until head office sends another"
        ends = self.members.valid_until_utc_s
        over = ends is not None and now.utc_s >= ends
        return Condition("members", "expired", "error", hint, {"case": "over" if over else "not_yet"})

    def _handle_of(self, value: bytes, now: Now) -> str | None:
        """The member whose token this is in the slot before, now or after; nobody while the clock is not set."""
        return None if now.clock == "unset" else self.slots.handle_of(value, slot_of(now.utc_s))


def _when(utc_s: float | None) -> str:
    return "any time" if utc_s is None else rfc3339(utc_s)
