"""A coupon of the brand is one redemption's until that is cancelled; an answer is given until it is heard."""

from gateway.model.store import StoreRef
from simulators.brand_locks import AGAIN_S, BrandLocks

HERE, THERE = StoreRef("acme", "0042", "gw-1"), StoreRef("acme", "0043", "gw-1")


def wanted(locks: BrandLocks, redemption: str, gateway: StoreRef, coupon: str = "c1") -> None:
    locks.hear("redemption.lock_wanted", {"redemption": redemption, "coupon": coupon}, gateway)


def answers(locks: BrandLocks, gateway: StoreRef, now_s: float) -> dict[str, bool]:
    return dict(locks.due(gateway, now_s))


def test_the_first_that_is_heard_of_has_it() -> None:
    locks = BrandLocks()
    wanted(locks, "r.1", HERE)
    wanted(locks, "r.2", THERE)
    wanted(locks, "r.3", THERE, "c2")
    assert answers(locks, HERE, 1.0) == {"r.1": True}
    assert answers(locks, THERE, 1.0) == {"r.2": False, "r.3": True}


def test_an_answer_is_given_until_it_is_confirmed() -> None:
    locks = BrandLocks()
    wanted(locks, "r.1", HERE)
    assert answers(locks, HERE, 1.0) == {"r.1": True}
    assert answers(locks, HERE, 1.0 + AGAIN_S / 2) == {}
    assert answers(locks, HERE, 1.0 + AGAIN_S) == {"r.1": True}
    locks.confirm("r.1")
    locks.confirm("r.nobody")
    assert answers(locks, HERE, 9.0 + AGAIN_S) == {}


def test_what_is_given_back_is_the_next_ones_and_what_was_refused_frees_nothing() -> None:
    locks = BrandLocks()
    wanted(locks, "r.1", HERE)
    wanted(locks, "r.2", THERE)
    locks.hear("redemption.cancelled", {"redemption": "r.2"}, THERE)
    wanted(locks, "r.3", THERE)
    locks.hear("redemption.cancelled", {"redemption": "r.1"}, HERE)
    wanted(locks, "r.4", THERE)
    assert answers(locks, THERE, 1.0) == {"r.2": False, "r.3": False, "r.4": True}
    locks.hear("redemption.rejected", {"redemption": "r.3"}, THERE)
    assert locks.rejected == 1
