"""`GET /v1/products/{gtin}`: what the products document says of a product."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path
from typing_extensions import TypedDict

from gateway.documents.gtin import gtin_14
from gateway.web.in_force import InForce
from gateway.web.problems import Problem


class ProductAnswer(TypedDict):
    """The product as head office wrote it, by GTIN-14, and the shop's markers that stand for it."""

    product: Mapping[str, object]
    markers: list[str]


def products_route(in_force: InForce) -> APIRouter:
    """The route."""
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
        return ProductAnswer(product=product, markers=markers)

    return router
