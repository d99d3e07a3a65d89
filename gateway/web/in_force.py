"""The documents in force, as far as they are shown: floor plan, products, campaigns and their words; and the stock."""

from collections.abc import Iterable, Mapping

from gateway.core.offers.everybody import said_to_everybody
from gateway.core.offers.language import lookup
from gateway.core.offers.snapshot import Snapshot
from gateway.model.decision import Decision, Offered
from gateway.model.documents import Campaign, Campaigns, FloorPlan, Marker, Products
from gateway.model.feeds import Stock
from gateway.model.step import Record
from gateway.model.time import Now
from gateway.runtime.feed import Committed


class InForce:
    """Follows the commits: each document that the engine took replaces the one before."""

    def __init__(self, floorplan: FloorPlan, records: Iterable[Record] = ()) -> None:
        """`records` are what the engine was restored from."""
        self.floorplan = floorplan
        self.products: Mapping[str, Mapping[str, object]] = {}
        self.campaigns: Mapping[str, Campaign] = {}
        self._stock: dict[str, dict[str, Stock]] = {}
        self._written = Campaigns(0, (), {})
        self._snapshot = Snapshot.of(self._written, floorplan)
        for record in records:
            if isinstance(record, Stock):
                self._count(record.gtin, record.store, record)

    def hear(self, committed: Committed) -> None:
        """Take up what a commit put into force."""
        for (gtin, store), row in committed.stock.items():
            self._count(gtin, store, row)
        for document in committed.documents:
            match document.content:
                case FloorPlan() as plan:
                    self.floorplan = plan
                case Products(products=products):
                    self.products = products
                case Campaigns() as campaigns:
                    self.campaigns = {campaign.id: campaign for campaign in campaigns.campaigns}
                    self._written = campaigns
                case _:
                    continue
            self._snapshot = Snapshot.of(self._written, self.floorplan)

    def stock(self, gtin: str) -> Mapping[str, Stock]:
        """What is known of the stock of a product (GTIN-14), by store."""
        return self._stock.get(gtin, {})

    def _count(self, gtin: str, store: str, row: Stock | None) -> None:
        of_product = self._stock.setdefault(gtin, {})
        if row is not None:
            of_product[store] = row
            return
        of_product.pop(store, None)
        if not of_product:
            del self._stock[gtin]

    def words(self, decision: Decision) -> tuple[str, Mapping[str, str]] | None:
        """The language and the words of an offer; None for a refusal, and when the content is no longer there."""
        if not isinstance(decision, Offered):
            return None
        bank = self._written.content.get(decision.content)
        if not bank:
            return None
        language = lookup((decision.language, *self.floorplan.languages), bank) or next(iter(bank))
        return language, bank[language]

    def words_for_everybody(self, marker: Marker, now: Now) -> Mapping[str, Mapping[str, str]] | None:
        """What a marker says to whoever reads it, by language tag; None where it says nothing to everybody."""
        content = said_to_everybody(marker, self._snapshot, now)
        return None if content is None else self._written.content[content]
