"""`GET /v1/products/{gtin}`: what the products document says of a product, and how many there are."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Path
from typing_extensions import TypedDict

from gateway.documents.gtin import gtin_14
from gateway.model.feeds import Stock
from gateway.model.time import rfc3339
from gateway.web.in_force import InForce
from gateway.web.problems import Problem


class StockAnswer(TypedDict):
    """How many a store had at a time, and how long ago that is (seconds)."""

    store: str
    quantity: int
    at: str
    age_s: float


class ProductAnswer(TypedDict):
    """The product as head office wrote it, by GTIN-14, and the shop's markers that stand for it.

    `stock` is this store's, null where nobody told it; `nearby` are other stores'.
    """

    product: Mapping[str, object]
    markers: list[str]
    stock: StockAnswer | None
    nearby: list[StockAnswer]


def products_route(in_force: InForce, store: str, shop_utc_s: Callable[[], float]) -> APIRouter:
    """The route, in this `store`."""
    router = APIRouter()

    @router.get("/v1/products/{gtin}")
    async def get_product(gtin: Annotated[str, Path(max_length=14)]) -> ProductAnswer:
        """A product by its GTIN (8, 12, 13 or 14 digits). Nothing personal."""
        try:
            number = gtin_14(gtin)
        except ValueError:
            detail = "This is no GTIN: write the 8, 12, 13 or 14 digits under the bar code."
            raise Problem("not_found", detail) from None
        product = in_force.products.get(number)
        if product is None:
            raise Problem("not_found", "The shop has no such product.")
        markers = [each.id for each in in_force.floorplan.markers.values() if each.product == number]
        now_utc_s = shop_utc_s()
        stock = {row.store: _stock_answer(row, now_utc_s) for row in in_force.stock(number).values()}
        here = stock.pop(store, None)
        return ProductAnswer(product=product, markers=markers, stock=here, nearby=list(stock.values()))

    return router


def _stock_answer(row: Stock, now_utc_s: float) -> StockAnswer:
    age_s = round(max(0.0, now_utc_s - row.at_utc_s), 3)
    return StockAnswer(store=row.store, quantity=row.quantity, at=rfc3339(row.at_utc_s), age_s=age_s)
