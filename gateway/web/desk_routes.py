"""The routes of the desk: help, orders, tickets, slips, returns, prices, and what members scan themselves."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter

from gateway.model.inputs import Input
from gateway.web.desk import desk_route
from gateway.web.door import Door
from gateway.web.help import help_routes
from gateway.web.in_force import InForce
from gateway.web.orders import orders_route
from gateway.web.price_matches import price_matches_route
from gateway.web.repeats import Repeats
from gateway.web.returns import returns_routes
from gateway.web.savings import savings_route
from gateway.web.scans import scans_route
from gateway.web.slips import slips_routes
from gateway.web.tickets import tickets_routes


def desk_routes(
    door: Door, ask: Callable[[Input], Awaitable[object]], in_force: InForce, store: str, repeats: Repeats
) -> tuple[APIRouter, ...]:
    """All of them, in this `store`."""
    return (
        scans_route(door, ask, in_force, store, repeats),
        help_routes(door, ask, in_force, repeats),
        desk_route(door, ask, in_force),
        orders_route(door, ask),
        tickets_routes(door, ask),
        slips_routes(door, ask, in_force, repeats),
        savings_route(door, ask),
        returns_routes(door, ask),
        price_matches_route(door, ask, in_force, repeats),
    )
