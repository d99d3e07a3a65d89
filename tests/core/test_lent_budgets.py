"""One budget and two shops, either cut off at any time: together they never make an offer more than there is."""

from dataclasses import dataclass, field, replace
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.documents import Campaigns, Lease, Trigger
from gateway.model.inputs import DocumentReady, Started
from gateway.model.sighting import CheckIn, Sighting
from simulators.brand_budget import BrandBudget
from tests.core.offers import CONTENT, WELCOME
from tests.core.shops import Hand, new_engine, open_shop

BUDGET: Final = 12
LASTS_S: Final = 600.0
GIFT: Final = replace(WELCOME, trigger=Trigger("checked_in"))
SHOPS: Final = ("here", "there")


def document(serial: int, lease: Lease) -> DocumentReady:
    campaign = replace(GIFT, lease=lease)
    return DocumentReady("campaigns", serial, f"sha256:{serial}", Campaigns(serial, (campaign,), CONTENT))


@dataclass
class Branch:
    """A shop, what head office has not heard of it, and the document that has not reached it."""

    hand: Hand = field(default_factory=open_shop)
    linked: bool = True
    heard: int = 0
    coming: DocumentReady | None = None
    in_force: DocumentReady | None = None
    seconds: float = 0.0
    offers: int = 0

    def give(self, *inputs: object) -> None:
        self.seconds += 1.0
        events = self.hand.give(self.seconds, *inputs)  # type: ignore[arg-type]
        self.offers += sum(event.type == "offer.made" for event in events)

    def kill(self) -> None:
        """As after kill -9: of what was stepped, all that was committed."""
        folded = self.hand.folded
        again = Hand(new_engine(folded.values()), last_s=self.hand.last_s, folded=dict(folded))
        self.hand = again
        self.give(*(() if self.in_force is None else (self.in_force,)), Started("again"))


@dataclass
class Brand:
    """Head office with a budget, and its two shops."""

    budget: BrandBudget = field(default_factory=lambda: BrandBudget(BUDGET))
    shops: dict[str, Branch] = field(default_factory=lambda: {name: Branch() for name in SHOPS})
    serial: int = 0
    comers: int = 0

    def play(self, move: str, name: str, number: int) -> None:
        shop = self.shops[name]
        match move:
            case "come":
                self.comers += 1
                shop.give(Sighting("app", "app", CheckIn(f"m{self.comers}", "app")))
            case "lend":
                self._send(name, self.budget.lend(name, number, shop.hand.at(shop.seconds).utc_s + LASTS_S))
            case "ask back":
                self._send(name, self.budget.ask_back(name))
            case "cut":
                shop.linked = False
            case "kill":
                shop.kill()
            case "wait":
                shop.seconds += LASTS_S
                shop.give()
            case "mend":
                shop.linked = True
        self._exchange(name)

    def _send(self, name: str, lease: Lease) -> None:
        self.serial += 1
        self.shops[name].coming = document(self.serial, lease)

    def _exchange(self, name: str) -> None:
        """What waits on either side arrives, events before what was decided by a document that comes now."""
        shop = self.shops[name]
        if not shop.linked:
            return
        for _ in range(shop.offers - shop.heard):
            self.budget.hear_offer(name)
        shop.heard = shop.offers
        self.budget.heard_until(name, shop.hand.at(shop.seconds).utc_s)
        if shop.coming is not None:
            shop.in_force, shop.coming = shop.coming, None
            shop.give(shop.in_force)
            campaigns = shop.in_force.content
            assert isinstance(campaigns, Campaigns)
            lease = campaigns.campaigns[0].lease
            assert lease is not None
            self.budget.taken(name, lease)


moves = st.tuples(
    st.sampled_from(("come", "come", "come", "come", "lend", "ask back", "cut", "mend", "kill", "wait")),
    st.sampled_from(SHOPS),
    st.integers(1, BUDGET),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(moves, min_size=5, max_size=60))
def test_two_shops_never_spend_more_than_there_is_and_the_rest_comes_back(history: list[tuple[str, str, int]]) -> None:
    brand = Brand()
    for move, name, number in history:
        brand.play(move, name, number)
        assert sum(shop.offers for shop in brand.shops.values()) <= BUDGET
        assert brand.budget.free >= 0
    for name in SHOPS:
        brand.play("mend", name, 1)
        brand.play("ask back", name, 1)
    spent = sum(shop.offers for shop in brand.shops.values())
    assert brand.budget.free == BUDGET - spent, "all that nobody spent is there to be lent again"


def test_what_one_shop_does_not_spend_is_the_others() -> None:
    brand = Brand()
    brand.play("lend", "here", BUDGET)
    brand.play("come", "here", 1)
    brand.play("lend", "there", BUDGET)
    brand.play("come", "there", 1)
    assert [shop.offers for shop in brand.shops.values()] == [1, 0]
    brand.play("ask back", "here", 1)
    brand.play("lend", "there", BUDGET)
    for _ in range(BUDGET + 3):
        brand.play("come", "there", 1)
        brand.play("come", "here", 1)
    assert [shop.offers for shop in brand.shops.values()] == [1, BUDGET - 1]


def test_what_a_shop_that_is_cut_off_was_lent_stays_lent_until_it_is_heard_of_after_its_time() -> None:
    brand = Brand()
    brand.play("lend", "here", BUDGET)
    brand.play("cut", "here", 1)
    brand.play("come", "here", 1)
    brand.play("ask back", "here", 1)
    assert brand.budget.free == 0
    brand.play("wait", "here", 1)
    brand.play("come", "here", 1)
    brand.play("mend", "here", 1)
    assert (brand.shops["here"].offers, brand.budget.free) == (1, BUDGET - 1)
