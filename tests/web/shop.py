"""A gateway as HTTP sees it: the real engine and pipeline over a store in memory, and credentials for everybody."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from gateway.codecs.signing import public_key_text
from gateway.core.engine import Engine
from gateway.documents.verify import TrustOptions
from gateway.model.decision import Decision
from gateway.model.documents import Campaign, Campaigns, Cap, Member, Members, Products, Trigger, Variant
from gateway.model.event import Event
from gateway.model.filmed import Filmed
from gateway.model.inputs import DocumentReady, Input, Started
from gateway.model.step import Record
from gateway.model.store import StoreRef
from gateway.model.time import Now
from gateway.pipeline import CommitOptions, Pipeline
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.feed import Feed
from gateway.runtime.health import Health
from gateway.runtime.inbox import Inbox
from gateway.runtime.questions import Questions
from gateway.runtime.wear import written_bytes
from gateway.storage.batch import Batch
from gateway.storage.ended_sessions import EndedSessions
from gateway.storage.erasure import ErasedRows
from gateway.storage.invites import Invites
from gateway.storage.standing import StreamStanding
from gateway.uplink.wire import to_cloudevent
from gateway.web.buckets import Rate
from gateway.web.connection import Connection
from gateway.web.options import HttpOptions
from gateway.web.routes import Inside, Keys, Site
from gateway.web.server import bind, serve
from gateway.web.standing_watch import StandingWatch
from tests.core.shops import INCARNATION, STARTED_UTC_S, plan

STORE = StoreRef("acme", "0042", "gw-1")
GTIN = "09506000134352"
HEAD_OFFICE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TRUST = TrustOptions({"hq": public_key_text(HEAD_OFFICE)})
OFTEN = Rate(per_s=1e6, burst=1_000_000)
CONTENT = {
    "hello": {"fr": {"title": "Bonjour"}, "en": {"title": "Hello", "body": "There is coffee."}},
    "shoes": {"en": {"title": "Ten percent"}},
}
CAMPAIGNS = Campaigns(
    serial=1,
    campaigns=(
        Campaign("hello", Trigger("checked_in"), (Variant("a", 1, "hello"),), caps=(Cap("member", 2, "ever"),)),
        Campaign("shoes", Trigger("checked_in"), (Variant("a", 1, "shoes"),), priority=9, benefit={"kind": "none"}),
    ),
    content=CONTENT,
)
PURPOSES = frozenset({"presence", "offers"})
MEMBERS = Members(
    serial=1,
    members={
        "ada": Member("ada", languages=("en",), purposes=PURPOSES),
        "bob": Member("bob", languages=("fr",), purposes=PURPOSES),
        "eve": Member("eve"),
    },
)
PRODUCTS = Products(serial=1, products={GTIN: {"gtin": GTIN, "names": {"en": "Trainers"}}})


@dataclass
class MemoryStore:
    """Keeps what is committed; fails while `failing`, and does not survive being asked while `broken`."""

    batches: list[Batch] = field(default_factory=list)
    failing: bool = False
    broken: Exception | None = None
    sought: str | None = None

    async def commit(self, batch: Batch) -> None:
        await asyncio.sleep(0)
        if self.failing:
            raise StorageUnavailable("the disk is full", "free room")
        self.batches.append(batch)

    async def make_room(self, now_utc_s: float) -> int:
        return 0

    async def sweep(self, now_utc_s: float) -> int:
        return 0

    async def decided_for(self, subject: str) -> Iterable[Decision]:
        """Newest first, as the ledger gives them."""
        if self.broken is not None:
            raise self.broken
        decided = [each for batch in self.batches for each in batch.decisions if each.subject == subject]
        return reversed(decided)

    async def decisions(self, subject: str) -> Iterable[Decision]:
        return await self.decided_for(subject)

    async def waiting(self, subject: str) -> Iterable[Event]:
        return [each for batch in self.batches for each in batch.events if each.subject == subject]

    async def seek(self, subject: str) -> None:
        self.sought = subject

    def outcome(self, subject: str) -> ErasedRows | None:
        return ErasedRows(1, 2)


class LateClock:
    """The system's monotonic clock, on the day of the tests' shop."""

    def __init__(self) -> None:
        self._offset_s = STARTED_UTC_S - time.monotonic()

    def __call__(self) -> Now:
        mono_s = time.monotonic()
        return Now(mono_s, self._offset_s + mono_s, "synced", "boot-1")


@dataclass
class Shop:
    """A running gateway without its daemon."""

    site: Site
    inbox: Inbox
    store: MemoryStore
    health: Health
    invites: Invites
    pipeline: Pipeline
    streams: list[StreamStanding]
    filmed: Questions[Filmed]

    async def settle(self) -> None:
        """Wait until all that was put is committed."""
        while len(self.inbox):
            await asyncio.sleep(0)
        await self.inbox.ask(Started("settled"))

    def client(self, credential: str | None = None, address: str = "192.0.2.7") -> httpx.AsyncClient:
        """Asks the application without a socket."""
        transport = httpx.ASGITransport(self.site.app, client=(address, 4711))
        headers = {} if credential is None else {"authorization": f"Bearer {credential}"}
        return httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers)


@asynccontextmanager
async def open_shop(
    directory: Path,
    *,
    inputs: Iterable[Input] = (),
    records: tuple[Record, ...] = (),
    begun: bool = True,
    mono_s: Callable[[], float] = time.monotonic,
    utc_s: Callable[[], float] = time.time,
    **rates: Rate,
) -> AsyncIterator[Shop]:
    """A shop with the documents above in force and everybody out; `inputs` are stepped first.

    Credentials are judged at `utc_s`.
    """
    shop = make_shop(directory, records, mono_s, utc_s, {"credential_rate": OFTEN, "address_rate": OFTEN} | rates)
    tasks = [asyncio.create_task(shop.site.live.run())]
    if begun:
        for name, content in (("campaigns", CAMPAIGNS), ("members", MEMBERS), ("products", PRODUCTS)):
            await shop.inbox.put(DocumentReady(name, 1, f"sha256:{name}", content))
        for each in (Started("1.2"), *inputs):
            await shop.inbox.put(each)
        tasks.append(asyncio.create_task(shop.pipeline.run()))
        await shop.pipeline.ready.wait()
    try:
        yield shop
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def make_shop(
    directory: Path,
    records: tuple[Record, ...],
    mono_s: Callable[[], float],
    utc_s: Callable[[], float],
    rates: dict[str, Rate],
) -> Shop:
    inbox, store, health, invites = Inbox(LateClock()), MemoryStore(), Health(), Invites(directory)
    engine = Engine(incarnation=INCARNATION, id_key=bytes(32), floorplan=plan())
    engine.restore(records)
    streams = [StreamStanding(INCARNATION, "visit", 3, STARTED_UTC_S, 9, 5, 2048)]
    filmed = Questions[Filmed](2)
    pipeline = Pipeline(
        inbox=inbox,
        engine=engine,
        store=store,
        feed=Feed(),
        health=health,
        committed=(lambda committed: site.hear(committed),),  # noqa: PLW0108 - the site is made below
        counted=lambda: {"ambiguous_tokens": engine.ambiguous, "written_bytes": written_bytes(), **health.counters()},
        options=CommitOptions(urgent_s=0.0, radio_s=0.01, patience_s=0.05),
    )
    inside = Inside(
        store=STORE,
        version="1.2",
        floorplan=plan(),
        records=records,
        health=health,
        counters=pipeline.counters,
        ready=pipeline.ready.is_set,
        ask=inbox.ask, offer=inbox.offer, filmed=filmed,
        now=inbox.now,
        decided_for=store.decided_for,
        outbox=StandingWatch(partial(standings, streams), health, has_broker=True),
        envelope=partial(to_cloudevent, store=STORE),
        personal=store,
        agreed=engine.agreed,
    )  # fmt: skip
    site = Site(inside, Keys(TRUST, bytes(32), invites, EndedSessions(directory), utc_s, mono_s), **rates)
    return Shop(site, inbox, store, health, invites, pipeline, streams, filmed)


async def standings(streams: list[StreamStanding]) -> list[StreamStanding]:
    return list(streams)


@asynccontextmanager
async def served(site: Site, connection: type[Connection] = Connection) -> AsyncIterator[int]:
    """The site on a real server; the port."""
    with bind(HttpOptions("127.0.0.1:0")) as listening:
        serving = asyncio.create_task(serve(site.app, listening, site.live.close, connection=connection))
        try:
            yield listening.getsockname()[1]
        finally:
            serving.cancel()
            await asyncio.wait({serving})


class Ed25519Registry(JWSRegistry):
    """Signs under the older name too."""

    algorithms = dict.fromkeys(("Ed25519", "EdDSA"), JWSRegistry.algorithms["Ed25519"])


def bearer(
    scope: str = "member", subject: str | None = "ada", *, key: Ed25519PrivateKey = HEAD_OFFICE, **claims: Any
) -> str:
    """A credential of head office; `claims` replace those it has (None: left out), `alg` its algorithm's name."""
    alg = claims.pop("alg", "Ed25519")
    said = {"iss": "hq", "aud": "proximity:acme/0042", "scope": scope, "sub": subject, "exp": int(time.time()) + 3600}
    said = {name: value for name, value in (said | claims).items() if value is not None}
    return jwt.encode({"alg": alg}, said, OKPKey.import_key(key), registry=Ed25519Registry(algorithms=[alg]))


STAFF, DISPLAY, IT, TILL = (bearer(scope, None) for scope in ("staff", "display", "it", "till"))
ADA, BOB, EVE = (bearer("member", handle) for handle in ("ada", "bob", "eve"))
