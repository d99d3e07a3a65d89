"""`GET /v1/desk`: what waits for the staff, and what sellers may know of who is here."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from typing_extensions import TypedDict

from gateway.model.desk import DeskView, ShowDesk
from gateway.model.feeds import Brief
from gateway.model.help import HelpRequest
from gateway.model.inputs import Input
from gateway.model.orders import Pickup
from gateway.model.time import rfc3339
from gateway.web.credentials import Credential
from gateway.web.door import Door
from gateway.web.in_force import InForce
from gateway.web.returns import ReturnAnswer
from gateway.web.served import served


class HelpToGive(TypedDict):
    """An open request with all that its asker said."""

    help: str
    since: str
    cause: str
    subject: str | None
    zone: str | None
    product: str | None
    names: Mapping[str, str]
    size: str | None
    notes: str | None
    campaign: str | None
    seller: str | None


class OrderToGive(TypedDict):
    """An order whose customer is here since then; `complements` (GTIN-14) go with what is in it."""

    order: str
    subject: str
    here_since: str
    zone: str | None
    lines: list[Mapping[str, object]]
    complements: list[str]


class BriefOfMember(TypedDict):
    """What a seller may know of a member who agreed to it and is here."""

    subject: str
    zone: str | None
    wish_list: list[str]
    sizes: Mapping[str, str]
    last_categories: list[str]
    contacts_24h: int


class QueueToShorten(TypedDict):
    """A long queue at the tills, since when, and how many wait in it."""

    zone: str
    since: str
    people: float


class DeskAnswer(TypedDict):
    """The oldest first; `products` are the names, by language, of every product (GTIN-14) that it is about."""

    help: list[HelpToGive]
    orders: list[OrderToGive]
    returns: list[ReturnAnswer]
    briefs: list[BriefOfMember]
    queues: list[QueueToShorten]
    products: Mapping[str, Mapping[str, str]]


def desk_route(door: Door, ask: Callable[[Input], Awaitable[object]], in_force: InForce) -> APIRouter:
    """The route. `ask` gives the step's answer once it is committed."""
    router = APIRouter()

    @router.get("/v1/desk")
    async def get_desk(_: Annotated[Credential, Depends(door.admit("staff"))]) -> DeskAnswer:
        """What waits, now."""
        view = await served(ask, ShowDesk(), DeskView)
        return _answer(view, in_force)

    return router


def _answer(view: DeskView, in_force: InForce) -> DeskAnswer:
    answer = DeskAnswer(
        help=[_help(each, in_force) for each in view.help],
        orders=[_order(each, view, in_force) for each in view.pickups],
        returns=[
            ReturnAnswer(id=each.id, product=each.product, quantity=each.quantity, state=each.state)
            for each in view.returns
        ],
        briefs=[_brief(each, view) for each in view.briefs],
        queues=[
            QueueToShorten(zone=each.zone, since=rfc3339(each.since.utc_s), people=each.people) for each in view.queues
        ],
        products={},
    )
    return answer | {"products": {each: _names(each, in_force) for each in sorted(_named(answer, view))}}


def _named(answer: DeskAnswer, view: DeskView) -> set[str]:
    """The products that an answer is about."""
    lines = (line.gtin for lines in view.lines.values() for line in lines)
    complements = (gtin for order in answer["orders"] for gtin in order["complements"])
    wished = (gtin for brief in view.briefs for gtin in brief.wish_list)
    asked = (request.product for request in view.help if request.product is not None)
    return {*lines, *complements, *wished, *asked, *(each.product for each in view.returns)}


def _help(request: HelpRequest, in_force: InForce) -> HelpToGive:
    return HelpToGive(
        help=request.id,
        since=rfc3339(request.since.utc_s),
        cause=request.cause,
        subject=request.subject,
        zone=request.zone,
        product=request.product,
        names=_names(request.product, in_force),
        size=request.size,
        notes=request.notes,
        campaign=request.campaign,
        seller=request.seller,
    )


def _order(pickup: Pickup, view: DeskView, in_force: InForce) -> OrderToGive:
    lines = view.lines.get(pickup.order, ())
    complements = [each for line in lines for each in _complements(line.gtin, in_force)]
    return OrderToGive(
        order=pickup.order,
        subject=pickup.subject,
        here_since=rfc3339(pickup.here.utc_s),
        zone=view.zones.get(pickup.subject),
        lines=[{"gtin": each.gtin, "quantity": each.quantity, "names": _names(each.gtin, in_force)} for each in lines],
        complements=list(dict.fromkeys(complements)),
    )


def _brief(brief: Brief, view: DeskView) -> BriefOfMember:
    subject = f"m.{brief.handle}"
    return BriefOfMember(
        subject=subject,
        zone=view.zones.get(subject),
        wish_list=list(brief.wish_list),
        sizes=brief.sizes or {},
        last_categories=list(brief.last_categories),
        contacts_24h=brief.contacts_24h,
    )


def _names(product: str | None, in_force: InForce) -> Mapping[str, str]:
    names = in_force.products.get(product or "", {}).get("names")
    return names if isinstance(names, Mapping) else {}


def _complements(product: str, in_force: InForce) -> list[str]:
    complements = in_force.products.get(product, {}).get("complements")
    return [str(each) for each in complements] if isinstance(complements, list | tuple) else []
