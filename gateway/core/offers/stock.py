"""Stock: what is sold out is not praised, and its alternative is offered only where it is."""

from gateway.core.offers.facts import Facts, Refusal
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`stock`: the product that the campaign is about is not here (or, for a rescue, not sold out), or nobody knows."""
    wanted = campaign.stock
    if wanted is None:
        return None
    quantity = facts.stock(wanted.product)
    if quantity is None:
        says = f"How many there are of {wanted.product} is not known."
        return Refusal("stock", says, {"case": "unknown", "product": wanted.product})
    if (quantity == 0) is wanted.sold_out:
        return None
    values = {"case": "here" if quantity else "sold_out", "product": wanted.product, "count": quantity}
    says = f"There are {quantity} of {wanted.product} here." if quantity else "It is sold out here."
    return Refusal("stock", says, values)
