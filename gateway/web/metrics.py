"""`/metrics`: figures for Prometheus, in its text format; no label names a person."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, get_args

from fastapi import APIRouter, Depends, Response
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from gateway.model.beacons import BeaconVerdict
from gateway.web.door import Door
from gateway.web.in_force import InForce
from gateway.web.live import Live
from gateway.web.live_messages import Standing
from gateway.web.shop_view import ShopView

SEVERITIES: Final = {"ok": 0, "warning": 1, "error": 2}


@dataclass(frozen=True, slots=True)
class Figures:
    """Where the figures come from."""

    counters: Callable[[], Mapping[str, int]]
    ready: Callable[[], bool]
    view: ShopView
    in_force: InForce
    live: Live
    version: str


class ShopCollector(Collector):
    """Makes the metrics at each scrape; `standing` is set just before."""

    def __init__(self, figures: Figures) -> None:
        self.standing = Standing()
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Every metric, in a fixed order."""
        yield from self._totals()
        yield from self._shop()
        yield from self._outbox()
        condition = GaugeMetricFamily("proximity_condition", "0 well, 1 a warning, 2 an error", labels=["part"])
        for each in self.standing.conditions:
            condition.add_metric([each.part], SEVERITIES[each.severity])
        yield condition

    def _totals(self) -> Iterator[Metric]:
        figures = self._figures
        for name, total in figures.counters().items():
            yield CounterMetricFamily(f"proximity_{name}", f"{name.replace('_', ' ')} since the start", value=total)
        yield GaugeMetricFamily("proximity_ready", "Whether the first commit worked", value=figures.ready())
        build = GaugeMetricFamily("proximity_build", "Always 1; the version", labels=["version"])
        build.add_metric([figures.version], 1)
        yield build
        yield GaugeMetricFamily("proximity_live_streams", "Open streams of the live view", value=len(figures.live))

    def _shop(self) -> Iterator[Metric]:
        counts = self._figures.view.counts()
        visitors = GaugeMetricFamily("proximity_visitors", "Visitors in a zone", labels=["zone", "kind"])
        for zone in self._figures.in_force.floorplan.zones:
            for kind in ("member", "tag"):
                visitors.add_metric([zone, kind], counts.get((zone, kind), 0))
        yield visitors
        receivers = GaugeMetricFamily("proximity_receiver_up", "1 up, 0 down", labels=["receiver"])
        for each in self._figures.view.receivers.values():
            receivers.add_metric([each.receiver], each.status == "up")
        yield receivers
        yield self._beacons()

    def _beacons(self) -> Metric:
        known, counts = self._figures.view.beacons, dict.fromkeys((*get_args(BeaconVerdict), "unheard"), 0)
        for each in self._figures.in_force.floorplan.beacons.values():
            if each.id in known or not each.mobile:
                counts[known[each.id].verdict if each.id in known else "unheard"] += 1
        beacons = GaugeMetricFamily("proximity_beacons", "The shop's own beacons", labels=["state"])
        for state, count in counts.items():
            beacons.add_metric([state], count)
        return beacons

    def _outbox(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily("proximity_outbox_events", "Events head office does not have", labels=["class"])
        size = GaugeMetricFamily("proximity_outbox_bytes", "Their size", labels=["class"])
        oldest = GaugeMetricFamily(
            "proximity_outbox_oldest_timestamp_seconds", "When the oldest of them was recorded", labels=["class"]
        )
        for each in self.standing.streams:
            depth.add_metric([each.stream], each.depth)
            size.add_metric([each.stream], each.bytes)
            if each.oldest_utc_s is not None:
                oldest.add_metric([each.stream], each.oldest_utc_s)
        yield from (depth, size, oldest)


class Metrics:
    """The registry of this application; counts its requests too."""

    def __init__(self, figures: Figures, standing: Callable[[], Awaitable[Standing]]) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._collector = ShopCollector(figures)
        self._standing = standing
        self.registry.register(self._collector)
        self._requests = Counter(
            "proximity_http_requests", "Answered requests", ["route", "status"], registry=self.registry
        )

    def answered(self, route: str, status: int) -> None:
        """A request to a route (its template; `other` for what is none) was answered."""
        self._requests.labels(route, str(status)).inc()

    async def text(self) -> bytes:
        """What Prometheus reads."""
        self._collector.standing = await self._standing()
        return generate_latest(self.registry)


def metrics_route(door: Door, metrics: Metrics) -> APIRouter:
    """The route: for this machine, elsewhere for the scope `it`."""
    router = APIRouter(dependencies=[Depends(door.local_or("it"))])

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def get_metrics() -> Response:
        """Figures for Prometheus."""
        return Response(await metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return router
