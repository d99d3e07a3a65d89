"""Who a sighting is of: members by the token of the slot or by their credential, tags by the floor plan."""

from collections.abc import Container

from gateway.codecs.tokens import SLOT_S, day_of, slot_of, token
from gateway.core.shop import Shop
from gateway.model.documents import Member, Members
from gateway.model.inputs import Tokens
from gateway.model.sighting import AppReport, BeaconId, CheckIn, MemberToken, OwnScan, Sighting
from gateway.model.time import Now
from gateway.model.visit import Assurance, Visitor

TABLES_KEPT = 8
"""Tables of slots further back than this are dropped when one is handed over."""

PRESENCE = "presence"
"""The purpose without which a member is not recognised at all."""


class Identity:
    """Resolves sightings. Without a members document every handle that a credential names is a consenting member."""

    def __init__(self, erased: Container[str] = ()) -> None:
        """`erased` are the handles of members who are nobody's any more, whatever the document says."""
        self._erased = erased
        self.members: Members | None = None
        self._tables: dict[int, Tokens] = {}

    def use(self, members: Members) -> None:
        """Replace the members known here; tables that are handed over hold until their successors come."""
        self.members = members
        if not members.tokens_handed:
            self._tables.clear()

    def use_tokens(self, serial: int, slot: int, table: Tokens) -> None:
        """Take the tokens of a slot, computed of the members of this serial; of others they are of no use."""
        if self.members is not None and self.members.serial == serial:
            self._tables = {kept: each for kept, each in self._tables.items() if kept >= slot - TABLES_KEPT}
            self._tables[slot] = table

    def member(self, handle: str) -> Member | None:
        """The member of this handle, if known here."""
        if handle in self._erased:
            return None
        if self.members is None:
            return Member(handle, purposes=frozenset({PRESENCE, "offers", "analytics", "retarget", "staff_assist"}))
        return self.members.members.get(handle)

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
                known = shop.beacons.get(beacon)
                if known is None or not known.mobile:
                    return None
                hinted = Assurance.CLAIMED if known.key is None else Assurance.PROXIMATE
                return Visitor(f"b.{known.id}", "tag", hinted)
            case _:
                return None
        if handle is None or not self.recognises(handle):
            return None
        return Visitor(f"m.{handle}", "member", Assurance.PROXIMATE)

    def _handle_of(self, value: bytes, now: Now) -> str | None:
        """The member whose token this is in the slot before, now or after; nobody while the clock is not set."""
        if now.clock == "unset" or not self._valid(now):
            return None
        slot = slot_of(now.utc_s)
        for candidate in (slot, slot - 1, slot + 1):
            handle = self._table(candidate, slot).get(value)
            if handle is not None:
                return handle
        return None

    def _table(self, wanted: int, current: int) -> Tokens:
        table = self._tables.get(wanted)
        if table is None and self.members is not None and self.members.tokens_handed:
            return {}
        if table is None:
            self._tables = {slot: kept for slot, kept in self._tables.items() if abs(slot - current) <= 1}
            table = self._tables[wanted] = self._build(wanted)
        return table

    def _build(self, slot: int) -> dict[bytes, str | None]:
        """Token to handle for one slot; a token of two members is nobody's (None)."""
        table: dict[bytes, str | None] = {}
        day = day_of(slot * SLOT_S)
        for handle, member in self.members.members.items() if self.members else ():
            key = member.keys.get(day)
            if key is not None:
                value = token(key, slot)
                table[value] = None if value in table else handle
        return table

    def _valid(self, now: Now) -> bool:
        if self.members is None:
            return False
        start_s, end_s = self.members.valid_from_utc_s, self.members.valid_until_utc_s
        return (start_s is None or start_s <= now.utc_s) and (end_s is None or now.utc_s < end_s)
