"""A live shop on this machine: simulated people and Bluetooth around a real gateway, with a page to watch it."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console

from gateway.model.store import StoreRef
from simulators.authority import AUTHORITY, issue
from simulators.box.hand_scanner import HandScanner
from simulators.box.hands import Hands
from simulators.box.handsets import Handsets
from simulators.box.living_shop import LivingShop
from simulators.box.open_shop import OpenShop, Outlets
from simulators.box.poster_readers import read_posters
from simulators.box.reader_socket import ReaderSocket
from simulators.box.stagehand import Stagehand
from simulators.box.store import Store, read_store
from simulators.broker import Broker, free_port
from simulators.control import ControlServer, NotNow, control_app
from simulators.credentials import credential, member_credential
from simulators.demo_figures import DemoFigures
from simulators.document_server import DocumentServer
from simulators.errands import Errands
from simulators.fault_proxy import FaultProxy
from simulators.faults import Faults
from simulators.gateway_process import GatewayProcess
from simulators.haste import HASTE, hurried
from simulators.head_office import HeadOffice
from simulators.live_record import LiveRecord
from simulators.loyalty_cards import LoyaltyCards
from simulators.members import InventedMember
from simulators.scene import DemoEnd, DemoOptions, Scene, until_told
from simulators.senses import LINES, SATELLITE, Senses, open_senses
from simulators.stage import GATEWAY, SHOPS, publish_story
from simulators.stories import feeds

LEAST_S: Final = 30.0
"""A demo of at least this length injects its faults and must recover from them (seconds)."""

SCAN_EVERY_S: Final = 6.0
"""How often something is scanned at the checkout (seconds)."""

_CREDENTIALS_S: Final = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Troubles:
    """When the two faults come (seconds after the shop opens), and how long each lasts."""

    cut_at_s: float
    pulled_at_s: float
    last_s: float

    @classmethod
    def within(cls, seconds: float | None) -> "Troubles":
        """At a quarter and past the half of a demo of this length; after one and two minutes of one without an end."""
        if seconds is None:
            return cls(60.0, 120.0, 20.0)
        return cls(0.25 * seconds, 0.55 * seconds, 4.0)


@dataclass(frozen=True, slots=True)
class Premises:
    """What stands before the shop opens."""

    store: Store
    scene: Scene
    record: LiveRecord
    proxy: FaultProxy
    senses: Senses
    control: ControlServer
    documents: DocumentServer


async def run_shop(options: DemoOptions, console: Console, told_to_stop: asyncio.Event) -> DemoEnd:
    """Keep the shop open until the time is over or `told_to_stop`, let everything arrive, and count.

    Raises:
        BrokerError, ConnectionError: there is no broker to run it on.
        BusError: there is no D-Bus for the simulated Bluetooth.
        OSError: `options.folder` cannot be written.
        GatewayFailedError: the gateway did not start, died, or did not end well.
    """
    store = hurried(read_store(SHOPS / "boutique.toml"))
    with (
        TemporaryDirectory(prefix="proximity-demo-") as folder,
        LiveRecord(options.folder or Path(folder)) as record,
    ):
        async with (
            Broker(options.broker) as broker,
            FaultProxy(broker.port) as proxy,
            HeadOffice(broker.url, store.floor.as_store(GATEWAY), keep=record.received) as office,
            open_senses(store.floor, broker.url, Path(folder)) as senses,
            ControlServer() as control,
            DocumentServer(issue(Path(folder))) as documents,
        ):
            gateway = GatewayProcess(
                Path(folder),
                store=office.store,
                floorplan=store.floorplan,
                survey=SHOPS / "boutique_survey.json",
                broker_url=f"mqtt://127.0.0.1:{proxy.port}",
                signer=office.signer,
                http=f"127.0.0.1:{free_port()}",
                sources=senses.sources(broker.url),
                simulator=control.origin,
                environ={**senses.environ, **HASTE, "PROXIMITY_TRUST__CA": str(Path(folder) / AUTHORITY)},
            )
            satellite = _satellite(Path(folder), office, broker.url, senses)
            here = Premises(store, Scene(console, broker, office, gateway), record, proxy, senses, control, documents)
            async with gateway, satellite:
                end = await _open(here, options, told_to_stop)
                await satellite.stop()
                return end


def _satellite(folder: Path, office: HeadOffice, broker_url: str, senses: Senses) -> GatewayProcess:
    """The shop's second gateway: it hears with one of the adapters, and decides nothing."""
    place = folder / SATELLITE
    place.mkdir()
    return GatewayProcess(
        place,
        store=StoreRef(office.store.tenant, office.store.store, SATELLITE),
        broker_url=broker_url,
        signer=office.signer,
        sources=senses.satellite_sources(),
        engine=GATEWAY,
        environ=senses.environ,
    )


async def _open(premises: Premises, options: DemoOptions, told_to_stop: asyncio.Event) -> DemoEnd:
    """Wait for the gateway, let people in, make trouble, close."""
    scene, opened_utc_s = premises.scene, time.time()
    office, gateway, senses = scene.office, scene.gateway, premises.senses
    shop = LivingShop(premises.store, opened_utc_s, options.seed)
    members = shop.crowd.members
    publish_story(office, members, opened_utc_s, premises.documents)
    cards = LoyaltyCards(office, members, opened_utc_s)
    await gateway.while_alive(scene.ready())
    for name, rows in feeds(members, office.store.store, opened_utc_s).items():
        office.feed(name, int(opened_utc_s), rows)
    until_utc_s = opened_utc_s + _CREDENTIALS_S
    credentials = _credentials(office, members, until_utc_s)
    till, staff = (credential(office.signer, office.store, scope, until_utc_s) for scope in ("till", "staff"))
    async with (
        Handsets(f"http://{gateway.http}", credentials) as handsets,
        Errands(f"http://{gateway.http}", shop.crowd.zones, credentials, staff, till) as errands,
        ReaderSocket(gateway.state / LINES["socket"]) as lines,
        Faults(premises.proxy, senses.bluez, office) as faults,
    ):
        hands = Hands(senses.camera, senses.reader, lines)
        open_shop = OpenShop(shop, Outlets(senses.carry, handsets.tell, hands.hold, premises.record.told))
        stagehand = Stagehand(open_shop, faults, hands, senses.adapters, senses.camera, senses.scanner)
        premises.control.begin(control_app(stagehand, f"http://{gateway.http}"))
        await _introduce(premises, options)

        def tap(name: str) -> None:
            hands.hold(cards.tapped(name, open_shop.t_s, premises.store.floor.readers[0]))

        def sensed() -> int:
            return senses.carried + handsets.taken + hands.held + senses.scanner.sent

        async with scene.shown(sensed, lambda: _words(faults)), errands.watched(tap):
            await gateway.while_alive(_kept_open(open_shop, stagehand, premises, options, told_to_stop))
            await gateway.while_alive(faults.settle())
            await gateway.while_alive(scene.drained())
        await scene.ended()
        return _counted(premises, sensed(), faults)


def _credentials(office: HeadOffice, members: Mapping[str, InventedMember], until_utc_s: float) -> dict[str, str]:
    """What each member's app shows, by person."""
    return {
        name: member_credential(office.signer, office.store, member.handle, until_utc_s)
        for name, member in members.items()
    }


def _counted(premises: Premises, sensed: int, faults: Faults) -> DemoEnd:
    scene = premises.scene
    figures = DemoFigures.of(sensed, scene.office, scene.outbox, faults.recovered)
    short = (*figures.shortfalls(), *_unhealed(faults), *_unfetched(premises.documents))
    return DemoEnd(figures, (*short, *scene.office.complaints))


def _unfetched(documents: DocumentServer) -> list[str]:
    """What is wrong if no download that broke off went on where it ended."""
    ranges = any(each.start and each.status == HTTPStatus.PARTIAL_CONTENT for each in documents.asked)
    return [] if ranges else ["no document was fetched by HTTPS with a range"]


async def _kept_open(
    open_shop: OpenShop,
    stagehand: Stagehand,
    premises: Premises,
    options: DemoOptions,
    told_to_stop: asyncio.Event,
) -> None:
    beside = [
        asyncio.create_task(_trouble(stagehand, options.seconds), name="demo-troubles"),
        asyncio.create_task(_serve(premises.senses.scanner, premises.store.floor.products), name="demo-checkout"),
        asyncio.create_task(read_posters(f"http://{premises.scene.gateway.http}"), name="demo-posters"),
    ]
    try:
        await until_told(options.seconds, told_to_stop, open_shop.run())
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def _serve(scanner: HandScanner, products: Sequence[str]) -> None:
    """At the checkout one product after the other is scanned."""
    for product in cycle(products):
        await asyncio.sleep(SCAN_EVERY_S)
        scanner.scan(product)


async def _trouble(stagehand: Stagehand, seconds: float | None) -> None:
    """Cut the broker off once and pull an adapter out once, unless a button did just that."""
    if seconds is not None and seconds < LEAST_S:
        return
    troubles = Troubles.within(seconds)
    await asyncio.sleep(troubles.cut_at_s)
    with suppress(NotNow):
        stagehand.cut(troubles.last_s)
    await asyncio.sleep(troubles.pulled_at_s - troubles.cut_at_s)
    with suppress(NotNow):
        stagehand.kill_adapter(troubles.last_s, None)


def _words(faults: Faults) -> str:
    broken = ", ".join(faults.under_way)
    return f"recovered {faults.recovered} of {faults.injected}" + (f" ({broken} out)" if broken else "")


def _unhealed(faults: Faults) -> list[str]:
    left = faults.injected - faults.recovered
    return [f"{left} of {faults.injected} faults were not recovered from"] if left else []


async def _introduce(premises: Premises, options: DemoOptions) -> None:
    scene = premises.scene
    record, gone = premises.record, "" if options.folder else " (gone at the end; -o FOLDER keeps them)"
    code, length = await scene.gateway.invite("staff"), _length(options.seconds)
    people, port = premises.store.people, scene.broker.port
    staff = sum(person.stays for person in people)
    shoppers = sum(not person.stays and not person.on_call for person in people)
    scene.say(
        f"A shop on this machine, {length}: {shoppers} shoppers and {staff} of the staff,",
        "all simulated down to the Bluetooth on D-Bus; the gateway is real.",
        "",
        f"  Watch it  http://{scene.gateway.http}/#code={code}  (the code is good once, for ten minutes)",
        "",
        f"Gateway   python -m gateway run, its health at http://{scene.gateway.http}/healthz",
        f"Hears by  {premises.senses}",
        f"Posters   {premises.senses.posters}, to be filmed on http://{scene.gateway.http}/m/S1",
        f"Controls  the page's buttons, or curl -X POST {premises.control.origin}/cut",
        f"Broker    {scene.broker.name} on port {port}; to listen in: mosquitto_sub -p {port} -v -t 'proximity/#'",
        f"Truth     {record.truth}, with {record.events.name} beside it for `evaluate`{gone}",
        "Head office signs campaigns, products and members, serves two by HTTPS, acknowledges every event and counts.",
    )


def _length(seconds: float | None) -> str:
    return "until Ctrl-C" if seconds is None else f"for {seconds:g} s"
