"""Check-ins by connection, end to end: a phone, a simulated BlueZ on its own bus, the real gateway, a real broker."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import time

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.check_in import ANSWER, CHALLENGE, CHECK_IN, SERVICE, Answer, CheckInError, read_answer
from gateway.codecs.cose import key_octets
from gateway.model.store import StoreRef
from simulators.bluez import SimulatedBluez
from simulators.bluez.phone import AttError, NotConnected, Phone
from simulators.campaigns import campaigns_document, sample_campaigns
from simulators.check_in_phone import check_in, hand_over, prepare
from simulators.gateway_process import GatewayProcess
from simulators.head_office import HeadOffice
from simulators.member_card import MemberCard
from tests.brokers import MOSQUITTO, free_port, mosquitto
from tests.integration.bluez_side import until
from tests.vm.check_in_contract import met

pytestmark = [pytest.mark.slow, pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")]

STORE = StoreRef("acme", "0042", "gw-1")
PLAN = """[store]
id = "0042"
tenant = "acme"
timezone = "Europe/Paris"
languages = ["en"]
[[zones]]
id = "door"
kind = "entrance"
[[receivers]]
id = "gw-1"
zone = "door"
"""
ISSUER = Ed25519PrivateKey.generate()
WITHIN_S = 60.0


@dataclass(frozen=True)
class Shop:
    bluez: SimulatedBluez
    office: HeadOffice
    gateway: GatewayProcess

    @property
    def phone(self) -> Phone:
        return self.bluez.phone("hci0")

    async def codes(self) -> set[str]:
        """The conditions of the check-in service that the gateway shows."""
        async with httpx.AsyncClient(base_url=f"http://{self.gateway.http}") as browser:
            conditions = (await browser.get("/healthz")).json()["conditions"]
        return {each["code"] for each in conditions if each["part"] == "source:gw-1:checkin"}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    (tmp_path / "floorplan.toml").write_text(PLAN)
    async with (
        mosquitto(tmp_path / "broker") as broker,
        SimulatedBluez() as bluez,
        HeadOffice(broker.url, STORE) as office,
    ):
        issuers = {"document": "issuers", "serial": 1, "keys": {"loyalty": _text(key_octets(ISSUER.public_key()))}}
        office.publish_document("issuers", json.dumps(issuers).encode(), 1)
        office.publish_document("campaigns", campaigns_document(sample_campaigns(), 1), 1)
        gateway = GatewayProcess(
            tmp_path,
            store=STORE,
            floorplan=tmp_path / "floorplan.toml",
            broker_url=broker.url,
            signer=office.signer,
            http=f"127.0.0.1:{free_port()}",
            sources=[{"kind": "checkin", "receiver": "gw-1", "adapter": "hci0", "challenge_s": 2.0}],
            environ={"DBUS_SYSTEM_BUS_ADDRESS": bluez.address},
        )
        async with gateway:
            for name in ("issuers", "campaigns"):
                await gateway.while_alive(office.until(partial(_has_answered, office, name), timeout_s=WITHIN_S))
            await until(lambda: _advertised(bluez), WITHIN_S)
            yield Shop(bluez, office, gateway)


def _has_answered(office: HeadOffice, document: str) -> bool:
    return ("gw-1", document) in office.statuses


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _advertised(bluez: SimulatedBluez) -> bool:
    peripherals = bluez.peripherals("hci0")
    return peripherals is not None and SERVICE in peripherals.advertised()


def card(handle: str = "q3lzt7", audience: str = "proximity:acme/0042") -> MemberCard:
    return MemberCard.issue(handle, audience, "loyalty", ISSUER, time())


async def a_phone_checks_in_and_hears_of_its_best_offer(shop: Shop) -> None:
    answer = await check_in(shop.phone, card())
    assert answer.refused is None
    assert answer.offer is not None
    assert answer.offer["campaign"] in {"thanks", "welcome"}
    assert answer.offer["words"]["title"]
    await shop.office.until(
        lambda: any(fact[:2] == ("m.q3lzt7", "visitor.checked_in") for fact in shop.office.facts), timeout_s=WITHIN_S
    )
    assert await shop.codes() == {"advertising"}


async def what_is_not_this_members_here_and_now_is_refused_with_its_reason(shop: Shop) -> None:
    refused = {
        "code_wrong_store": card(audience="proximity:acme/0043"),
        "code_wrong_audience": card(audience="proximity:other/0042"),
        "code_expired": card().but(ends_utc_s=time() - 3_600, begins_utc_s=time() - 7_200),
        "code_unknown_issuer": replace(card(), issuer="nobody"),
        "code_forged_issuer": replace(card(), issuer_key=Ed25519PrivateKey.generate()),
        "code_forged": replace(card(), phone_key=Ed25519PrivateKey.generate()),
    }
    for reason, bad in refused.items():
        assert await check_in(shop.phone, bad) == Answer(reason)
    assert (await check_in(shop.phone, card())).refused is None
    assert not [fact for fact in shop.office.facts if fact[0] not in {"m.q3lzt7", None, ""}]


async def a_challenge_is_good_once_on_its_own_connection_for_a_while(shop: Shop) -> None:
    phone, other = shop.phone, shop.bluez.phone("hci0", "5A:00:00:00:00:02")
    for each in (phone, other):
        each.connect(SERVICE)
    written = prepare(card(), await phone.read(CHALLENGE))
    assert (await hand_over(phone, written)).refused is None
    assert await hand_over(phone, written) == Answer("check_in_replayed")
    with pytest.raises(AttError) as without:
        await other.write(CHECK_IN, written.value)
    assert without.value.code == 0x08
    await other.read(CHALLENGE)
    assert await hand_over(other, written) == Answer("code_other_challenge")

    cut = prepare(card(), await phone.read(CHALLENGE))
    assert await hand_over(phone, replace(cut, value=cut.value[:-1])) == Answer("check_in_unsealed")
    assert await hand_over(phone, replace(cut, value=b"")) == Answer("check_in_version")
    with pytest.raises(AttError) as too_long:
        await phone.write(CHECK_IN, bytes(600))
    assert too_long.value.code == 0x0D
    assert (await hand_over(phone, cut)).refused is None

    late = prepare(card(), await phone.read(CHALLENGE))
    read_at_s = time()
    await until(lambda: time() - read_at_s > 2.1)
    assert await hand_over(phone, late) == Answer("check_in_stale")


async def an_answer_is_the_phones_own(shop: Shop) -> None:
    phone, other = shop.phone, shop.bluez.phone("hci0", "5A:00:00:00:00:03")
    assert (await check_in(phone, card())).refused is None
    other.connect(SERVICE)
    assert await other.read(ANSWER) == b""
    foreign = prepare(card(), await other.read(CHALLENGE))
    with pytest.raises(CheckInError):
        read_answer(await phone.read(ANSWER), foreign.context)


async def a_phone_meets_what_it_meets_at_a_real_bluetoothd(shop: Shop) -> None:
    def near(address: str, mtu: int) -> Phone:
        return replace(shop.bluez.phone("hci0", address), mtu=mtu)

    await met(near, card())


async def bluetoothd_goes_and_comes_back(shop: Shop) -> None:
    phone = shop.phone
    assert (await check_in(phone, card())).refused is None
    await shop.bluez.kill_daemon()
    with pytest.raises(NotConnected):
        await phone.read(CHALLENGE)
    await shop.bluez.start_daemon()
    await until(lambda: _advertised(shop.bluez), WITHIN_S)
    assert (await check_in(phone, card("w8mmxa"))).refused is None
    await shop.bluez.restart_bus()
    await until(lambda: _advertised(shop.bluez), WITHIN_S)
    assert (await check_in(phone, card())).refused is None


async def test_check_ins_of_a_day(shop: Shop) -> None:
    """One after the other in one gateway: starting it takes longer than all of them."""
    await a_phone_checks_in_and_hears_of_its_best_offer(shop)
    await what_is_not_this_members_here_and_now_is_refused_with_its_reason(shop)
    await a_challenge_is_good_once_on_its_own_connection_for_a_while(shop)
    await an_answer_is_the_phones_own(shop)
    await a_phone_meets_what_it_meets_at_a_real_bluetoothd(shop)
    await bluetoothd_goes_and_comes_back(shop)
