"""The HTTP application: what it is given, and every route of it."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, Depends, FastAPI

from gateway.core.privacy_options import PrivacyOptions
from gateway.documents.verify import TrustOptions
from gateway.model.documents import FloorPlan
from gateway.model.event import Event
from gateway.model.filmed import Filmed
from gateway.model.inputs import Input
from gateway.model.step import Record
from gateway.model.store import StoreRef
from gateway.model.time import Now
from gateway.runtime.feed import Committed
from gateway.runtime.health import Health
from gateway.runtime.questions import Questions
from gateway.storage.ended_sessions import EndedSessions
from gateway.storage.invites import Invites
from gateway.web.api_description import description_route
from gateway.web.buckets import Rate
from gateway.web.checkins import CheckIns, checkins_route
from gateway.web.consents import consents_routes
from gateway.web.credentials import HeadOfficeTokens
from gateway.web.desk_routes import desk_routes
from gateway.web.door import RATE, Door
from gateway.web.event_stream import live_route
from gateway.web.in_force import InForce
from gateway.web.intake import RATE as ADDRESS_RATE
from gateway.web.intake import Intake, SecurityHeaders
from gateway.web.live import Live
from gateway.web.live_messages import Messages
from gateway.web.markers import markers_route
from gateway.web.me import PersonalRows, me_routes
from gateway.web.metrics import Figures, Metrics, metrics_route
from gateway.web.offers import DecidedFor, best_offer, offers_route
from gateway.web.page_files import page_routes
from gateway.web.pictures import pictures_routes
from gateway.web.problems import ProblemDocument, install
from gateway.web.products import products_route
from gateway.web.redemptions import redemptions_routes
from gateway.web.repeats import Repeats
from gateway.web.session_tokens import SessionTokens
from gateway.web.sessions import SessionBook, sessions_routes
from gateway.web.shop_view import ShopView
from gateway.web.sightings import sightings_route
from gateway.web.standing_watch import StandingWatch
from gateway.web.visitors import visitors_route
from gateway.web.vitals import check_ready, vitals_routes


@dataclass(frozen=True, slots=True)
class Inside:
    """What HTTP is given of the gateway.

    `ask` and `offer` are the inbox's, `now` its time; `decided_for` reads the ledger, `outbox` where its streams
    stand; `envelope` makes an event what head office gets; `records` are what the engine was restored from; `guests`
    counts strangers by zone, None where nobody counts them; `personal` reads what is stored of a
    subject, `agreed` are the purposes that a handle agreed to; `filmed` takes what phones hold their cameras to.
    """

    store: StoreRef
    version: str
    floorplan: FloorPlan
    records: tuple[Record, ...]
    health: Health
    counters: Callable[[], Mapping[str, int]]
    ready: Callable[[], bool]
    ask: Callable[[Input], Awaitable[object]]
    offer: Callable[[Input], bool]
    now: Callable[[], Now]
    decided_for: DecidedFor
    outbox: StandingWatch
    envelope: Callable[[Event], Mapping[str, object]]
    personal: PersonalRows
    agreed: Callable[[str], frozenset[str]]
    privacy: PrivacyOptions = field(default_factory=PrivacyOptions)
    guests: Callable[[], Mapping[str, int] | None] = lambda: None
    filmed: Questions[Filmed] = field(default_factory=lambda: Questions(1))


@dataclass(frozen=True, slots=True)
class Keys:
    """What credentials are judged by: head office's keys, this gateway's own, codes given out, sessions ended.

    `utc_s` is the wall clock, whatever time the shop lives by; `mono_s` measures who asks too often.
    """

    trust: TrustOptions
    session_key: bytes
    invites: Invites
    ended: EndedSessions
    utc_s: Callable[[], float] = time.time
    mono_s: Callable[[], float] = time.monotonic


class Site:
    """The application and what keeps it up to date: `hear` every commit, `run` for as long as it is served."""

    def __init__(
        self,
        inside: Inside,
        keys: Keys,
        *,
        simulator: str | None = None,
        credential_rate: Rate = RATE,
        address_rate: Rate = ADDRESS_RATE,
    ) -> None:
        self._inside = inside
        self._keys = keys
        self._in_force = InForce(inside.floorplan, inside.records)
        self._repeats = Repeats()
        self.view = ShopView(inside.records)
        self._tokens = SessionTokens(keys.session_key, keys.ended.__contains__)
        head_office = HeadOfficeTokens(keys.trust.keys, inside.store)
        self.door = Door(head_office, self._tokens, rate=credential_rate, utc_s=keys.utc_s, mono_s=keys.mono_s)
        messages = Messages(
            self.view,
            self._in_force,
            inside.store,
            inside.version,
            envelope=inside.envelope,
            guests=inside.guests,
            utc_s=self._shop_utc_s,
            simulator=simulator,
        )
        self.live = Live(self.view, messages, inside.outbox)
        self.app = self._application(simulator, address_rate)

    def hear(self, committed: Committed) -> None:
        """Take up a commit."""
        self._in_force.hear(committed)
        self._repeats.hear(committed)
        self.live.hear(committed)

    async def best_offer(self, subject: str) -> Mapping[str, object] | None:
        """The best open offer of a member, as `GET /v1/offers` tells it; None where it has none."""
        inside = self._inside
        return await best_offer(subject, inside.decided_for, self._in_force, self._shop_utc_s, inside.agreed)

    def _application(self, simulator: str | None, rate: Rate) -> FastAPI:
        app = FastAPI(
            title="In-store proximity gateway",
            version=self._inside.version,
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            responses={
                code: {"model": ProblemDocument, "description": "A problem document"} for code in ("4XX", 422, "5XX")
            },
        )
        install(app)
        metrics = self._metrics()
        app.add_middleware(Intake, mono_s=self._keys.mono_s, answered=metrics.answered, rate=rate)
        app.add_middleware(SecurityHeaders)
        for router in (*self._shop_routes(), *self._own_routes(metrics), description_route(app)):
            app.include_router(router)
        app.router.routes.extend(page_routes(simulator))
        return app

    def _metrics(self) -> Metrics:
        inside = self._inside
        figures = Figures(inside.counters, inside.ready, self.view, self._in_force, self.live, inside.version)
        return Metrics(figures, inside.outbox)

    def _shop_routes(self) -> list[APIRouter]:
        """What needs a shop that has begun."""
        inside, door, in_force, repeats = self._inside, self.door, self._in_force, self._repeats
        begun = APIRouter(dependencies=[Depends(lambda: check_ready(inside.ready))])
        for router in (
            offers_route(door, inside.decided_for, in_force, self._shop_utc_s, inside.agreed),
            sightings_route(door, inside.offer, in_force, repeats),
            checkins_route(door, CheckIns(inside.ask, self.view, in_force), repeats),
            redemptions_routes(door, inside.ask, in_force),
            *desk_routes(door, inside.ask, in_force, inside.store.store, repeats),
            consents_routes(door, inside.ask, inside.personal.seek),
            me_routes(door, inside.ask, inside.personal, inside.privacy),
            markers_route(in_force, inside.now),
            pictures_routes(door, inside.filmed, in_force, inside.now, self._keys.mono_s),
            products_route(in_force, inside.store.store, self._shop_utc_s),
            live_route(self.live, door, self._keys.utc_s),
        ):
            begun.include_router(router)
        return [begun]

    def _shop_utc_s(self) -> float:
        return self._inside.now().utc_s

    def _own_routes(self, metrics: Metrics) -> list[APIRouter]:
        """What the gateway says of itself, and its sessions."""
        inside, keys = self._inside, self._keys
        book = SessionBook(self._tokens, keys.invites, keys.ended, keys.utc_s)
        return [
            sessions_routes(self.door, book, self.live),
            visitors_route(book, keys.mono_s),
            vitals_routes(self.door, inside.health, inside.counters, inside.ready, inside.version),
            metrics_route(self.door, metrics),
        ]
