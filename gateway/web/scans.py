"""`POST /v1/scans`: a member holds the phone to a code, and hears what it is, whether it is here, and what else is."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gateway.codecs.gs1 import Gs1Error, read_gs1
from gateway.codecs.meanings import MAX_TEXT_CHARS
from gateway.model.inputs import Input
from gateway.model.meaning import KeptOut
from gateway.model.sighting import OwnScan, Sighting
from gateway.web.answers import DecisionAnswer
from gateway.web.checkins import UNKNOWN
from gateway.web.credentials import Credential, handle_of
from gateway.web.door import Door
from gateway.web.in_force import InForce
from gateway.web.problems import Problem
from gateway.web.repeats import IdempotencyKey, Repeats
from gateway.web.sellers_only import told_to_member


class Scan(BaseModel):
    """What the camera read."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MAX_TEXT_CHARS)
    symbology: str = Field(default="qr_code", pattern=r"^[a-z0-9_]{1,32}$")


class Rescue(TypedDict):
    """Where there is what is sold out here: other products of this shop, and other shops, with how many there are."""

    alternatives: Mapping[str, int]
    elsewhere: Mapping[str, int]


class Scanned(TypedDict):
    """The product (GTIN-14), if it is one; `quantity` here (null: nobody knows); `rescue` where there is none."""

    product: str | None
    quantity: int | None
    rescue: Rescue | None
    decisions: list[DecisionAnswer]


def scans_route(
    door: Door, ask: Callable[[Input], Awaitable[object]], in_force: InForce, store: str, repeats: Repeats
) -> APIRouter:
    """The route in this `store`. `ask` gives the step's answer once it is committed."""
    router = APIRouter()

    @router.post("/v1/scans")
    async def post_scans(
        scan: Scan, member: Annotated[Credential, Depends(door.admit("member"))], key: IdempotencyKey = None
    ) -> Scanned:
        """What is this? Answered after the commit, with what was decided."""

        async def scanned() -> Scanned:
            token = OwnScan(handle_of(member), scan.symbology, scan.text)
            decided = await ask(Sighting("app", "app", token))
            if isinstance(decided, KeptOut):
                raise Problem("not_found", "The code is none of this shop's, and no product's.")
            if not isinstance(decided, tuple):
                raise Problem("not_recognised", UNKNOWN)
            product = _product(scan.text, in_force)
            stock = in_force.stock(product or "").get(store)
            return Scanned(
                product=product,
                quantity=stock.quantity if stock is not None else None,
                rescue=rescue(product, in_force, store) if product and stock and not stock.quantity else None,
                decisions=told_to_member(decided, in_force),
            )

        return await repeats.once(member.name, key, f"scans {scan.model_dump_json()}", scanned)

    return router


def rescue(product: str, in_force: InForce, store: str) -> Rescue:
    """What to offer who wants a product (GTIN-14) that is sold out here: of its variants and alternatives those in
    stock, and other stores that have some."""
    entry = in_force.products.get(product, {})
    others = [*_listed(entry.get("variants")), *_listed(entry.get("alternatives"))]
    here = {other: row.quantity for other in others if (row := in_force.stock(other).get(store)) and row.quantity}
    elsewhere = {name: row.quantity for name, row in in_force.stock(product).items() if name != store and row.quantity}
    return Rescue(alternatives=here, elsewhere=elsewhere)


def _listed(value: object) -> list[str]:
    return [each.zfill(14) for each in value if isinstance(each, str)] if isinstance(value, list | tuple) else []


def _product(text: str, in_force: InForce) -> str | None:
    try:
        return dict(read_gs1(text).elements).get("01")
    except Gs1Error:
        marker = in_force.floorplan.markers.get(text.rstrip("/").rpartition("/")[2])
        return marker.product if marker is not None else None
