"""The documents in force, as far as they are shown: floor plan, products, campaigns and their words."""

from collections.abc import Mapping

from gateway.core.offers.language import lookup
from gateway.model.decision import Decision, Offered
from gateway.model.documents import Campaign, Campaigns, FloorPlan, Products
from gateway.runtime.feed import Committed


class InForce:
    """Follows the commits: each document that the engine took replaces the one before."""

    def __init__(self, floorplan: FloorPlan) -> None:
        self.floorplan = floorplan
        self.products: Mapping[str, Mapping[str, object]] = {}
        self.campaigns: Mapping[str, Campaign] = {}
        self._content: Mapping[str, Mapping[str, Mapping[str, str]]] = {}

    def hear(self, committed: Committed) -> None:
        """Take up what a commit put into force."""
        for document in committed.documents:
            match document.content:
                case FloorPlan() as plan:
                    self.floorplan = plan
                case Products(products=products):
                    self.products = products
                case Campaigns() as campaigns:
                    self.campaigns = {campaign.id: campaign for campaign in campaigns.campaigns}
                    self._content = campaigns.content
                case _:
                    pass

    def words(self, decision: Decision) -> tuple[str, Mapping[str, str]] | None:
        """The language and the words of an offer; None for a refusal, and when the content is no longer there."""
        if not isinstance(decision, Offered):
            return None
        bank = self._content.get(decision.content)
        if not bank:
            return None
        language = lookup((decision.language, *self.floorplan.languages), bank) or next(iter(bank))
        return language, bank[language]
