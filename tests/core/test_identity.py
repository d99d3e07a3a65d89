"""Who a token is: in its slot and the neighbours, with consent, and nobody when two would answer."""

from dataclasses import replace

from gateway.codecs.tokens import SLOT_S, day_key, day_of, slot_of, token
from gateway.core.identity import Identity
from gateway.core.shop import Shop
from gateway.model.documents import Member, Members
from gateway.model.sighting import AppReport, BeaconId, CheckIn, MemberToken, Sighting
from gateway.model.time import Now
from gateway.model.visit import Assurance
from tests.core.shops import FOB, SHELF, STARTED_UTC_S, plan

SHOP = Shop.of(plan())
NOON = Now(100.0, STARTED_UTC_S, "synced", "boot-1")
PRESENCE = frozenset({"presence"})


def _member(number: int, *, store: str = "0042", purposes: frozenset[str] = PRESENCE) -> Member:
    days = (day_of(NOON.utc_s) - 1, day_of(NOON.utc_s), day_of(NOON.utc_s) + 1)
    secret = bytes([number]) * 32
    return Member(f"h{number}", keys={day: day_key(secret, store, day) for day in days}, purposes=purposes)


def _knowing(*members: Member) -> Identity:
    identity = Identity()
    identity.use(Members(1, {member.handle: member for member in members}))
    return identity


def _heard(value: bytes) -> Sighting:
    return Sighting("ble", "rx-door", MemberToken(value), rssi_dbm=-60.0)


def _on_air(member: Member, utc_s: float) -> bytes:
    return token(member.keys[day_of(utc_s)], slot_of(utc_s))


def test_a_token_is_known_in_its_slot_and_one_slot_off():
    member = _member(1)
    identity = _knowing(member, _member(2))
    for drift_s in (-SLOT_S, 0, SLOT_S):
        visitor = identity.resolve(_heard(_on_air(member, NOON.utc_s + drift_s)), SHOP, NOON)
        assert visitor is not None
        assert (visitor.subject, visitor.kind, visitor.assurance) == ("m.h1", "member", Assurance.PROXIMATE)
    for drift_s in (-2 * SLOT_S, 2 * SLOT_S):
        assert identity.resolve(_heard(_on_air(member, NOON.utc_s + drift_s)), SHOP, NOON) is None


def test_slots_reach_over_midnight():
    member = _member(1)
    midnight = replace(NOON, utc_s=float((day_of(NOON.utc_s) + 1) * 86_400 + 60))
    before = _on_air(member, midnight.utc_s - SLOT_S)
    assert _knowing(member).resolve(_heard(before), SHOP, midnight) is not None


def test_tokens_move_on_with_the_slots():
    member = _member(1)
    identity = _knowing(member)
    for slots in range(12):
        now = replace(NOON, utc_s=NOON.utc_s + slots * SLOT_S)
        assert identity.resolve(_heard(_on_air(member, now.utc_s)), SHOP, now) is not None
    assert identity.resolve(_heard(_on_air(member, NOON.utc_s)), SHOP, now) is None


def test_nobody_is_recognised_without_consent_clock_or_valid_document():
    agreed, refused = _member(1), _member(2, purposes=frozenset({"offers"}))
    identity = _knowing(agreed, refused)
    assert identity.resolve(_heard(_on_air(refused, NOON.utc_s)), SHOP, NOON) is None
    assert identity.resolve(_heard(_on_air(agreed, NOON.utc_s)), SHOP, replace(NOON, clock="unset")) is None
    identity.use(Members(2, {"h1": agreed}, valid_until_utc_s=NOON.utc_s - 1))
    assert identity.resolve(_heard(_on_air(agreed, NOON.utc_s)), SHOP, NOON) is None


def test_an_ambiguous_token_is_nobodys():
    first = _member(1)
    identity = _knowing(first, replace(first, handle="twin"))
    assert identity.resolve(_heard(_on_air(first, NOON.utc_s)), SHOP, NOON) is None
    assert identity.slots.ambiguous == 1


def test_an_expired_document_stops_tokens_and_reports():
    member = _member(1)
    identity = _knowing(member)
    identity.use(Members(2, {"h1": member}, valid_from_utc_s=NOON.utc_s, valid_until_utc_s=NOON.utc_s + 60))
    heard = (
        _heard(_on_air(member, NOON.utc_s)),
        Sighting("app", "app", AppReport("h1", ())),
        Sighting("app", "app", CheckIn("h1", "app")),
    )
    for later_s, stands in ((-1, False), (0, True), (59, True), (60, False)):
        now = replace(NOON, utc_s=NOON.utc_s + later_s)
        assert [identity.resolve(each, SHOP, now) is not None for each in heard] == [stands] * 3
        condition = identity.condition(now)
        assert condition is not None
        assert (condition.part, condition.code) == ("members", "in_force" if stands else "expired")
    assert Identity().condition(NOON) is None


def test_with_the_clock_unset_a_report_holds_and_a_token_does_not():
    member = _member(1)
    identity = _knowing(member)
    identity.use(Members(2, {"h1": member}, valid_until_utc_s=NOON.utc_s - 1))
    unset = replace(NOON, clock="unset")
    assert identity.resolve(Sighting("app", "app", AppReport("h1", ())), SHOP, unset) is not None
    assert identity.resolve(_heard(_on_air(member, NOON.utc_s)), SHOP, unset) is None


def test_a_member_removed_is_unknown_at_once():
    gone, stays = _member(1), _member(2)
    identity = _knowing(gone, stays)
    heard = _heard(_on_air(gone, NOON.utc_s))
    assert identity.resolve(heard, SHOP, NOON) is not None
    identity.use(Members(2, {"h2": stays}, tokens_handed=True))
    assert identity.resolve(heard, SHOP, NOON) is None


def test_another_stores_token_is_a_stranger():
    here, elsewhere = _member(1), _member(1, store="0043")
    assert _knowing(here).resolve(_heard(_on_air(elsewhere, NOON.utc_s)), SHOP, NOON) is None


def test_a_tag_is_followed_and_a_fixed_beacon_or_a_strangers_is_not():
    identity = Identity()
    fob = identity.resolve(Sighting("ble", "rx-door", FOB, -60.0), SHOP, NOON)
    assert fob is not None
    assert (fob.subject, fob.kind, fob.assurance) == ("b.fob", "tag", Assurance.CLAIMED)
    assert identity.resolve(Sighting("ble", "rx-door", SHELF, -60.0), SHOP, NOON) is None
    assert identity.resolve(Sighting("ble", "rx-door", BeaconId("ibeacon", "x/1/1"), -60.0), SHOP, NOON) is None
