"""`GET /v1/markers/{id}`: what a printed code or NFC sticker of the shop stands for."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Path
from typing_extensions import TypedDict

from gateway.model.documents import Marker
from gateway.model.time import Now
from gateway.web.in_force import InForce
from gateway.web.problems import Problem


class MarkerAnswer(TypedDict):
    """A marker stands for one of product (GTIN-14), zone and campaign; `shows` is that product's entry, if known.

    `words` are what its campaign says to everybody, by language tag; null where none does.
    """

    marker: str
    product: str | None
    zone: str | None
    campaign: str | None
    shows: Mapping[str, object] | None
    words: Mapping[str, Mapping[str, str]] | None


def markers_route(in_force: InForce, now: Callable[[], Now]) -> APIRouter:
    """The route; `now` is the shop's time."""
    router = APIRouter()

    @router.get("/v1/markers/{id}")
    async def get_marker(marker_id: Annotated[str, Path(alias="id", max_length=128)]) -> MarkerAnswer:
        """What a marker of the shop stands for. Nothing personal."""
        marker = in_force.floorplan.markers.get(marker_id)
        if marker is None:
            raise Problem("not_found", "The shop has no such marker.")
        return marker_answer(marker, in_force, now())

    return router


def marker_answer(marker: Marker, in_force: InForce, now: Now) -> MarkerAnswer:
    """What a marker stands for, with what the products and campaigns documents say of it to everybody."""
    return MarkerAnswer(
        marker=marker.id,
        product=marker.product,
        zone=marker.zone,
        campaign=marker.campaign,
        shows=in_force.products.get(marker.product or ""),
        words=in_force.words_for_everybody(marker, now),
    )
