"""The check-in source against the simulated BlueZ: every way in which nobody can connect, and its bounds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.check_in import ANSWER, CHALLENGE, CHECK_IN, SERVICE, Answer
from gateway.model.decision import Arrived
from gateway.model.meaning import KeptOut
from gateway.model.sighting import PhoneCheckIn, Sighting
from gateway.model.store import StoreRef
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.health import Health
from gateway.sensing.ble.check_in_options import CheckInOptions, problems
from gateway.sensing.ble.check_in_source import WAITING, CheckInSource
from gateway.sensing.source import Sensed, Surroundings
from simulators.bluez import Controller, SimulatedBluez
from simulators.bluez.connection import Connection
from simulators.bluez.phone import AttError, NotConnected
from simulators.check_in_phone import check_in
from simulators.member_card import MemberCard
from tests.integration.bluez_side import no_document, on_bus, until

CARD = MemberCard.issue("q3lzt7", "proximity:acme/0042", "i", Ed25519PrivateKey.generate(), 1_700_000_000.0)
BACK_S = 30.0
OFFER: dict[str, object] = {"campaign": "welcome", "variant": "a", "language": "en", "words": {"title": "Hello"}}


class Desk:
    """Takes check-ins as the inbox would, and answers each with what it was told to."""

    def __init__(self, options: CheckInOptions) -> None:
        self.health = Health()
        self.came: list[Sensed] = []
        self.answer: object = Arrived("m.q3lzt7", ())
        self.holds = asyncio.Event()
        self.holds.set()
        where = Surroundings(Path(), self.health, no_document, self.best, store=StoreRef("acme", "0042", "gw-1"))
        self.source = CheckInSource(options, where)

    async def best(self, subject: str) -> dict[str, object] | None:
        return OFFER if subject == "m.q3lzt7" else None

    async def listen(self) -> None:
        async with self.source:
            async for sensed in self.source:
                self.came.append(sensed)
                await self.holds.wait()
                assert sensed.reply is not None
                sensed.reply(self.answer)

    @property
    def code(self) -> str:
        return next((each.code for each in self.health.conditions() if each.part == "source:gw-1:checkin"), "")


@asynccontextmanager
async def offered(bluez: SimulatedBluez, adapter: str | None = "hci0") -> AsyncIterator[Desk]:
    async with on_bus(bluez):
        desk = Desk(CheckInOptions("gw-1", adapter))
        listening = asyncio.create_task(desk.listen())
        try:
            yield desk
        finally:
            listening.cancel()
            (ended,) = await asyncio.gather(listening, return_exceptions=True)
            assert isinstance(ended, asyncio.CancelledError), ended


async def test_what_a_phone_wrote_comes_as_a_sighting_and_its_answer_goes_back() -> None:
    bluez = SimulatedBluez()
    async with offered(bluez) as desk:
        await until(lambda: desk.code == "advertising")
        answer = await check_in(bluez.phone("hci0"), CARD)
        assert answer == Answer(offer={name: OFFER[name] for name in ("campaign", "language", "words")})
        (sensed,) = desk.came
        assert isinstance(sensed.input, Sighting)
        assert (sensed.input.medium, sensed.input.receiver, sensed.input.address) == ("ble", "gw-1", None)
        assert isinstance(sensed.input.token, PhoneCheckIn)
        assert not sensed.lossy


async def test_a_refusal_or_trouble_is_told_and_a_member_without_an_offer_hears_none() -> None:
    bluez = SimulatedBluez()
    told = {
        "code_expired": KeptOut("code_expired"),
        "check_in_unavailable": StorageUnavailable("full", "make room"),
        None: Arrived("m.other", ()),
    }
    async with offered(bluez) as desk:
        await until(lambda: desk.code == "advertising")
        for refused, desk.answer in told.items():
            assert await check_in(bluez.phone("hci0"), CARD) == Answer(refused)


async def test_more_than_can_wait_are_refused_and_the_rest_are_answered() -> None:
    bluez = SimulatedBluez()
    async with offered(bluez) as desk:
        await until(lambda: desk.code == "advertising")
        desk.holds.clear()
        phones = [bluez.phone("hci0", f"5A:00:00:00:00:{number:02X}") for number in range(WAITING + 4)]
        waiting = [asyncio.create_task(check_in(phone, CARD)) for phone in phones]
        await until(lambda: sum(each.done() for each in waiting) == 4)
        assert {each.result().refused for each in waiting if each.done()} == {"check_in_busy"}
        desk.holds.set()
        answers = await asyncio.gather(*waiting)
        assert [answer.refused for answer in answers].count(None) == WAITING


async def test_pieces_of_a_long_value_are_of_one_challenge_and_only_what_may_be_is_read_or_written() -> None:
    bluez = SimulatedBluez()
    async with offered(bluez) as desk:
        await until(lambda: desk.code == "advertising")
        phone = bluez.phone("hci0")
        phone.mtu = 23
        assert (await check_in(phone, CARD)).refused is None
        for uuid in (CHALLENGE, ANSWER):
            with pytest.raises(AttError):
                await phone.write(uuid, b"\x01")
        with pytest.raises(AttError):
            await phone.read(CHECK_IN)
        with pytest.raises(AttError):
            await phone.read("5c1a0009-7072-4f78-8000-70726f78696d")


async def test_an_adapter_that_cannot_be_connected_to_is_said_to_be_so() -> None:
    bluez = SimulatedBluez(("hci0",), controllers={"hci0": Controller(peripheral=False)})
    async with offered(bluez) as desk:
        await until(lambda: desk.code == "no_peripheral")
        with pytest.raises(NotConnected):
            bluez.phone("hci0").connect(SERVICE)


async def test_a_refused_advertisement_is_told_and_tried_again() -> None:
    bluez = SimulatedBluez()
    bluez.refuse_advertisements("NotPermitted")
    async with offered(bluez) as desk:
        await until(lambda: desk.code == "advertising_refused")
        bluez.refuse_advertisements(None)
        await until(lambda: desk.code == "advertising", BACK_S)
        assert (await check_in(bluez.phone("hci0"), CARD)).refused is None


async def test_an_adapter_that_is_off_or_gone_is_waited_for() -> None:
    bluez = SimulatedBluez()
    async with offered(bluez) as desk:
        await until(lambda: desk.code == "advertising")
        bluez.power("hci0", on=False)
        await until(lambda: desk.code == "powered_off", BACK_S)
        bluez.power("hci0", on=True)
        await until(lambda: desk.code == "advertising", BACK_S)
        bluez.unplug("hci0")
        await until(lambda: desk.code == "no_adapter", BACK_S)
        bluez.plug("hci0")
        await until(lambda: desk.code == "advertising", BACK_S)


@pytest.mark.slow
async def test_a_bluetoothd_that_the_bus_waits_for_in_vain_is_told_as_such() -> None:
    bluez = SimulatedBluez()
    async with offered(bluez) as desk:
        await until(lambda: desk.code == "advertising")
        await bluez.kill_daemon()
        silent = await Connection.open(Path(bluez.address.partition("=")[2]))
        await silent.ask("RequestName", "su", ("org.bluez", 0))
        await until(lambda: any("no answer within 5 s" in each.hint for each in desk.health.conditions()), BACK_S)
        assert desk.code == "no_bluez"
        silent.abort()


async def test_an_advertisement_that_bluetoothd_gives_up_is_registered_again() -> None:
    bluez = SimulatedBluez()
    async with offered(bluez) as desk:
        await until(lambda: desk.code == "advertising")
        peripherals = bluez.peripherals("hci0")
        assert peripherals is not None
        peripherals.release_advertisements()
        await until(lambda: desk.code == "advertising_lost", BACK_S)
        await until(lambda: desk.code == "advertising", BACK_S)
        assert SERVICE in peripherals.advertised()


@pytest.mark.parametrize(
    ("options", "key"),
    [
        (CheckInOptions(""), "receiver"),
        (CheckInOptions("gw-1", "eth0"), "adapter"),
        (CheckInOptions("gw-1", challenge_s=0.0), "challenge_s"),
        (CheckInOptions("gw-1", challenge_s=float("nan")), "challenge_s"),
    ],
)
def test_what_is_wrong_with_the_options_is_named(options: CheckInOptions, key: str) -> None:
    assert [problem[0] for problem in problems(options)] == [key]
