"""`GET /v1/markers/{id}`: what a printed code or NFC sticker of the shop stands for."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path
from typing_extensions import TypedDict

from gateway.model.documents import Marker
from gateway.web.in_force import InForce
from gateway.web.problems import Problem


class MarkerAnswer(TypedDict):
    """A marker stands for one of product (GTIN-14), zone and campaign; `shows` is that product's entry, if known."""

    marker: str
    product: str | None
    zone: str | None
    campaign: str | None
    shows: Mapping[str, object] | None


def markers_route(in_force: InForce) -> APIRouter:
    """The route."""
    router = APIRouter()

    @router.get("/v1/markers/{id}")
    async def get_marker(marker_id: Annotated[str, Path(alias="id", max_length=128)]) -> MarkerAnswer:
        """What a marker of the shop stands for. Nothing personal."""
        marker = in_force.floorplan.markers.get(marker_id)
        if marker is None:
            raise Problem("not_found", "The shop has no such marker.")
        return marker_answer(marker, in_force)

    return router


def marker_answer(marker: Marker, in_force: InForce) -> MarkerAnswer:
    """What a marker stands for, with what the products document says of it."""
    return MarkerAnswer(
        marker=marker.id,
        product=marker.product,
        zone=marker.zone,
        campaign=marker.campaign,
        shows=in_force.products.get(marker.product or ""),
    )
