"""Tokens in their slots: looked up when first heard, remembered after, and nobody's where two members send one."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs.tokens import SLOT_S, SLOTS_A_DAY, day_key, day_of, token
from gateway.core.token_slots import MOST_KNOWN, TokenSlots
from gateway.model.documents import Member, Members

SLOT = 20_000 * SLOTS_A_DAY + 40


class Counting:
    """A table that counts how often it is looked into."""

    def __init__(self, held: dict[bytes, Sequence[str]]) -> None:
        self.held = held
        self.probes = 0

    def holders(self, value: bytes, /) -> Sequence[str]:
        self.probes += 1
        return self.held.get(value, ())


def slots_of(*tables: Counting) -> TokenSlots:
    """Tables of the slot before, the one that is and the one after."""
    slots = TokenSlots()
    slots.use(Members(1, {}, tokens_handed=True))
    for step, table in enumerate(tables):
        slots.use_table(SLOT + step - 1, table)
    return slots


def tables(**held: str) -> list[Counting]:
    names = ("before", "now", "after")
    return [Counting({b"12345678": tuple(held[name].split())} if name in held else {}) for name in names]


def test_an_address_costs_three_probes_and_then_none() -> None:
    three = tables(now="h1")
    slots = slots_of(*three)
    for _ in range(5):
        assert slots.handle_of(b"12345678", SLOT) == "h1"
        assert slots.handle_of(b"stranger", SLOT) is None
    assert [table.probes for table in three] == [2, 2, 2]


def test_a_token_is_known_in_its_slot_and_beside_it() -> None:
    for name in ("before", "now", "after"):
        assert slots_of(*tables(**{name: "h1"})).handle_of(b"12345678", SLOT) == "h1"


def test_a_token_of_two_is_nobodys_and_counted_once_a_slot() -> None:
    for held in ({"now": "h1 h2"}, {"before": "h1", "after": "h2"}):
        slots = slots_of(*tables(**held))
        for _ in range(3):
            assert slots.handle_of(b"12345678", SLOT) is None
        assert slots.ambiguous == 1


def test_a_token_of_one_member_in_two_slots_is_its_own() -> None:
    slots = slots_of(*tables(before="h1", now="h1"))
    assert (slots.handle_of(b"12345678", SLOT), slots.ambiguous) == ("h1", 0)


def test_what_was_found_is_forgotten_with_its_slot() -> None:
    slots = slots_of(*tables(before="h1"))
    assert slots.handle_of(b"12345678", SLOT) == "h1"
    assert slots.handle_of(b"12345678", SLOT + 1) is None


def test_a_table_that_comes_late_is_looked_into() -> None:
    slots = slots_of()
    assert slots.handle_of(b"12345678", SLOT) is None
    slots.use_table(SLOT, tables(now="h1")[1])
    assert slots.handle_of(b"12345678", SLOT) == "h1"


def test_a_flood_of_strangers_fills_no_memory() -> None:
    slots = slots_of(*tables(now="h1"))
    for number in range(MOST_KNOWN * 2):
        slots.handle_of(number.to_bytes(8, "big"), SLOT)
    assert len(slots._known) == MOST_KNOWN
    assert slots.handle_of(b"12345678", SLOT) == "h1"


def test_through_a_night_without_phones_tables_go_as_they_come() -> None:
    slots = slots_of(*tables())
    for step in range(2, 100):
        slots.use_table(SLOT + step, Counting({}))
        assert len(slots._tables) <= 4


SECRETS = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=4, unique=True)
STORES = st.lists(st.text(max_size=8), min_size=1, max_size=3, unique=True)
DAYS = st.sets(st.integers(0, 40_000), min_size=1, max_size=3)


@settings(max_examples=60)
@given(SECRETS, STORES, DAYS)
def test_no_two_stores_days_or_members_share_an_identifier(secrets: list[bytes], stores: list[str], days: set[int]):
    seen: dict[bytes, tuple[object, ...]] = {}
    keys: dict[bytes, tuple[object, ...]] = {}
    for secret in secrets:
        for store in stores:
            for day in days:
                key, whose = day_key(secret, store, day), (secret, store, day)
                assert keys.setdefault(key, whose) == whose
                for slot in (day * SLOTS_A_DAY, day * SLOTS_A_DAY + 1, (day + 1) * SLOTS_A_DAY - 1):
                    assert seen.setdefault(token(key, slot), (*whose, slot)) == (*whose, slot)


@given(st.integers(2, 20), st.integers(0, SLOTS_A_DAY - 1))
def test_a_member_is_known_here_and_today_alone(members: int, step: int) -> None:
    """Heard in every other store, or kept for another day, a phone's tokens are a stranger's."""
    day = 20_000
    slot = day * SLOTS_A_DAY + step
    secrets = [bytes([number]) * 32 for number in range(members)]
    keys = {f"h{number}": day_key(secret, "0042", day) for number, secret in enumerate(secrets)}
    known = {handle: Member(handle, {day: key}) for handle, key in keys.items()}
    slots = TokenSlots()
    slots.use(Members(1, known))
    for handle, key in keys.items():
        assert slots.handle_of(token(key, slot), slot) == handle
        assert slots.handle_of(token(key, slot + 2), slot) is None
    for secret in secrets:
        assert slots.handle_of(token(day_key(secret, "0043", day), slot), slot) is None
        assert slots.handle_of(token(day_key(secret, "0042", day + 2), slot), slot) is None
    assert day_of(slot * SLOT_S) == day
