"""A fleet: many gateways at one broker, and what became of their events."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.model.store import StoreRef
from simulators.fleet.fleet_gateway import FleetGateway

MOST_GATEWAYS: Final = 500
"""Each has a connection and a thread of its own."""

TENANT: Final = "fleet"

_PULSE_S: Final = 0.02
_CONNECT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """How large, how loud, how long."""

    gateways: int
    """Gateways, each of a store of its own: `fleet/0001/gw-1`."""
    rate: float
    """Events a second of each gateway."""
    seconds: float
    """How long events are made."""
    ack_timeout_s: float = 5.0
    """After so long without an ack, what is missing is sent again."""
    drain_s: float = 30.0
    """How long the last acks are waited for."""


@dataclass(frozen=True, slots=True)
class FleetFigures:
    """What became of a fleet's events; `missing` were not acknowledged in time.

    `longest_gap_s` is the longest time that some stream had something to tell and heard no ack that covered more.
    """

    gateways: int
    sent: int
    acked: int
    missing: int
    longest_gap_s: float


async def run_fleet(
    urls: Sequence[str],
    options: FleetOptions,
    told: asyncio.Event,
    show: Callable[[FleetFigures], None] = lambda _: None,
) -> FleetFigures:
    """Run until `seconds` are over or `told` is set, then until all is acknowledged or `drain_s` is over.

    Args:
        urls: Addresses of one broker or cluster, dealt out among the gateways, each of which knows them all.
        options: What to run.
        told: Ends it early.
        show: Takes the figures of the moment, many times a second.

    Raises:
        ConnectionError: some gateway did not connect within 30 s.
    """
    fleet = [_gateway(number, urls, options) for number in range(options.gateways)]
    connections = [asyncio.create_task(each.stay_connected(), name=f"fleet-{n}") for n, each in enumerate(fleet)]
    try:
        await _all_connected(fleet, connections)
        await _make_and_send(fleet, options, told, show)
        return _figures(fleet)
    finally:
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


def _gateway(number: int, urls: Sequence[str], options: FleetOptions) -> FleetGateway:
    first = number % len(urls)
    store = StoreRef(TENANT, f"{number + 1:04d}", "gw-1")
    return FleetGateway(store, [*urls[first:], *urls[:first]], options.ack_timeout_s)


async def _all_connected(fleet: Sequence[FleetGateway], connections: Sequence[asyncio.Task[None]]) -> None:
    try:
        async with asyncio.timeout(_CONNECT_S):
            while not all(gateway.connected for gateway in fleet):
                for task in connections:
                    if task.done():
                        task.result()
                await asyncio.sleep(_PULSE_S)
    except TimeoutError:
        away = sum(not gateway.connected for gateway in fleet)
        msg = f"{away} of {len(fleet)} gateways found no broker within {_CONNECT_S:.0f} s: is it running?"
        raise ConnectionError(msg) from None


async def _make_and_send(
    fleet: Sequence[FleetGateway], options: FleetOptions, told: asyncio.Event, show: Callable[[FleetFigures], None]
) -> None:
    loop = asyncio.get_running_loop()
    begin_s = loop.time()
    made = 0
    while True:
        elapsed_s = min(loop.time() - begin_s, options.seconds)
        making = elapsed_s < options.seconds and not told.is_set()
        while making and made < elapsed_s * options.rate * len(fleet):
            fleet[made % len(fleet)].happen(round(time.time(), 3))
            made += 1
        for gateway in fleet:
            gateway.send(loop.time())
        figures = _figures(fleet)
        show(figures)
        if not making and (figures.missing == 0 or loop.time() - begin_s > elapsed_s + options.drain_s):
            return
        await asyncio.sleep(_PULSE_S)


def _figures(fleet: Sequence[FleetGateway]) -> FleetFigures:
    now_s = asyncio.get_running_loop().time()
    sent, acked = sum(gateway.sent for gateway in fleet), sum(gateway.acked for gateway in fleet)
    gap_s = max((gateway.longest_gap_s(now_s) for gateway in fleet), default=0.0)
    return FleetFigures(len(fleet), sent, acked, sent - acked, round(gap_s, 3))
