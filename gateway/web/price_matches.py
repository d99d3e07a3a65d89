"""`/v1/price-matches`: somebody saw a product for less."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gateway.model.amount import exact
from gateway.model.inputs import Input
from gateway.model.price_matches import AskPriceMatch, SeenAt
from gateway.web.credentials import Credential, handle_of
from gateway.web.door import Door, address_of
from gateway.web.in_force import InForce
from gateway.web.problems import Problem
from gateway.web.repeats import IdempotencyKey, Repeats
from gateway.web.served import Gtin, gtin, served


class SeenPrice(BaseModel):
    """A product's price elsewhere, in the currency of its price here."""

    model_config = ConfigDict(extra="forbid")

    product: Gtin
    price: float = Field(ge=0, le=1e9, allow_inf_nan=False)
    seen_at: SeenAt


class PriceAnswer(TypedDict):
    """Whether the other price is lower; a seller decides what follows."""

    lower: bool
    ours: float
    currency: str


def price_matches_route(
    door: Door, ask: Callable[[Input], Awaitable[object]], in_force: InForce, repeats: Repeats
) -> APIRouter:
    """The route. `ask` gives the step's answer once it is committed."""
    router = APIRouter()

    @router.post("/v1/price-matches")
    async def post_price_matches(
        seen: SeenPrice,
        asker: Annotated[Credential | None, Depends(door.guest_or("member"))],
        request: Request,
        key: IdempotencyKey = None,
    ) -> PriceAnswer:
        """I saw it for less. Told to head office where that is so."""
        product = gtin(seen.product, "product")
        entry = in_force.products.get(product, {})
        ours, currency = entry.get("price"), entry.get("currency")
        if not isinstance(ours, int | float) or not isinstance(currency, str):
            raise Problem("not_found", "The shop has no such product, or no price for it.")
        member = handle_of(asker) if asker else None
        what = AskPriceMatch(product, exact(ours), exact(seen.price), currency, seen.seen_at, member)

        async def asked() -> PriceAnswer:
            return PriceAnswer(lower=await served(ask, what, bool), ours=float(what.ours), currency=what.currency)

        who = address_of(request) if asker is None else asker.name
        return await repeats.once(who, key, f"price-matches {seen.model_dump_json()}", asked)

    return router
