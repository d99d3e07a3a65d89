"""Head office's commands over a real mosquitto: each does what it says, once, and nothing else is believed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from gateway.cli.replay import played
from gateway.core.coupons import coupon_digest
from gateway.model.amount import Amount
from gateway.model.documents import Campaigns, Codes, Trigger
from gateway.model.inputs import DocumentReady
from gateway.model.redemptions import CommitRedemption, Reserve
from gateway.model.store import StoreRef
from gateway.uplink.commands import desk, recorder
from gateway.uplink.commands.order import MAX_ORDER_BYTES
from gateway.uplink.commands.registry import DEEDS
from gateway.uplink.topics import Topics
from simulators.orders import Orders
from simulators.signer import Signer
from tests.brokers import MOSQUITTO, Mosquitto, mosquitto
from tests.core.offers import CONTENT, WELCOME
from tests.core.shops import heard, plan
from tests.integration.mqtt_side import until
from tests.storage.small_disk import mounted_disk
from tests.uplink.ordered import IN, NEAR, SIGNER, STORE, Gateway, asked_over_mqtt_5, gateway, office

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with mosquitto(tmp_path / "broker") as running:
        yield running


@pytest.fixture
async def shop(tmp_path: Path, broker: Mosquitto) -> AsyncIterator[Gateway]:
    async with gateway(tmp_path / "state", broker) as running:
        yield running


@pytest.fixture
async def orders(broker: Mosquitto) -> AsyncIterator[Orders]:
    async with office(broker) as running:
        yield running


async def test_ping_says_what_runs(shop: Gateway, orders: Orders) -> None:
    await shop.live(DocumentReady("floorplan", 7, "sha256:" + "0" * 64, plan()))
    answer = await orders.give("ping")
    assert (answer["command"], answer["status"], answer["reason"], answer["problem"]) == ("ping", "done", None, None)
    result = answer["result"]
    assert (result["version"], result["clock"], result["documents"]) == ("0.1.0", "synced", {"floorplan": 7})
    assert 0 < result["uptime_s"] < 60
    (told,) = [each for each in await shop.told("operation") if each["type"] == "command.taken"]
    assert (told["command"], told["id"], told["key"]) == ("ping", answer["id"], SIGNER.name)


async def test_a_snapshot_shows_how_it_is_and_nobody(shop: Gateway, orders: Orders) -> None:
    await shop.live(IN, NEAR)
    answer = await orders.give("snapshot")
    result = answer["result"]
    assert {each["class"]: each["depth"] for each in result["outbox"]}["visit"] == 2
    assert {"part": "mqtt", "code": "connected", "severity": "ok", "hint": ""} in result["conditions"]
    assert result["counters"]["inputs"] >= 3
    assert "q3lzt7" not in json.dumps(answer)


async def test_explain_says_why(shop: Gateway, orders: Orders) -> None:
    await with_offer(shop)
    answer = await orders.give("explain", {"handle": "q3lzt7", "campaign": "welcome"})
    (why,) = answer["result"]["decisions"]
    assert (why["subject"], why["campaign"], why["decision"]) == ("m.q3lzt7", "welcome", "offered")
    early = await orders.give("explain", {"handle": "q3lzt7", "at": "2026-01-05T09:00:00Z"})
    assert early["result"] == {"decisions": [], "found": 0}


async def with_offer(shop: Gateway) -> None:
    """A member who checked in and got an offer."""
    document = Campaigns(1, (replace(WELCOME, trigger=Trigger("checked_in")),), CONTENT)
    await shop.live(DocumentReady("campaigns", 1, "sha256:" + "0" * 64, document), IN)


async def test_erase_leaves_nothing_of_a_member(shop: Gateway, orders: Orders) -> None:
    await with_offer(shop)
    await shop.live(NEAR)
    before = [each for each in await shop.told("visit") if each["subject"] == "m.q3lzt7"]
    answer = await orders.give("erase", {"handle": "q3lzt7"})
    gone = {"visits": 1, "presences": 1, "exposures": 1, "orders": 0, "briefs": 0, "redemptions": 0, "statements": 0}
    gone |= {"decisions": 1, "events": len(before) + 1}
    assert (answer["status"], answer["result"]) == ("done", gone)
    for stream in ("visit", "offer"):
        told = await shop.told(stream)
        assert told
        assert {each["type"] for each in told} == {"event.dropped"}
        assert {each["reason"] for each in told} == {"erased"}
    assert await shop.ledger.decisions("m.q3lzt7") == []
    (told,) = await shop.told("consent")
    assert (told["type"], told["subject"], told["command"]) == ("member.erased", None, answer["id"])
    await shop.live(IN, NEAR)
    assert {each["subject"] for each in await shop.told("visit")} == {None}


async def test_lock_says_whether_a_coupon_of_all_shops_is_this_ones(shop: Gateway, orders: Orders) -> None:
    codes = Codes(frozenset({coupon_digest("BRAND-1")}), brand=True)
    campaign = replace(WELCOME, id="brand", benefit={"kind": "amount", "value": 5}, codes=codes)
    await shop.live(DocumentReady("campaigns", 1, "sha256:" + "0" * 64, Campaigns(1, (campaign,), CONTENT)))
    await shop.live(Reserve(None, None, "till-1", "4711", Amount(5), coupon="BRAND-1"))
    _, wanted = await shop.told("redemption")
    assert (wanted["type"], wanted["coupon"]) == ("redemption.lock_wanted", coupon_digest("BRAND-1"))
    answer = await orders.give("lock", {"redemption": wanted["redemption"], "granted": True})
    assert answer["result"] == {"redemption": wanted["redemption"], "state": "reserved", "lock": "granted"}
    lost = await orders.give("lock", {"redemption": "r.lost", "granted": False})
    assert lost["result"] == {"redemption": "r.lost", "state": "unknown", "lock": None}
    await shop.live(CommitRedemption(str(wanted["redemption"])))
    paid = (await shop.told("redemption"))[-1]
    assert (paid["type"], paid["provisional"]) == ("redemption.committed", False)


async def test_record_writes_a_capture_that_replays_and_names_nobody(shop: Gateway, orders: Orders) -> None:
    order_id, message = orders.sign("record", {"seconds": 1.5})
    orders.send("record", message)
    assert (await orders.answer(order_id))["status"] == "started"
    busy = await orders.give("record", {"seconds": 1})
    assert (busy["status"], busy["reason"]) == ("refused", "busy")
    assert (await orders.give("ping"))["status"] == "done"
    await shop.live(heard("rx-door", -50.0), NEAR, IN)
    await asyncio.sleep(0.4)
    await shop.live(NEAR)
    answer = await orders.answer(order_id, count=2)
    result = answer["result"]
    assert (answer["status"], result["lines"], result["ended"]) == ("done", 3, "time")
    capture = shop.directory / result["file"]
    text = capture.read_text()
    assert capture.stat().st_mode & 0o777 == 0o600
    assert result["bytes"] == len(text)
    assert "q3lzt7" not in text
    assert "C0:00:00:00:00:01" not in text
    with capture.open() as lines:
        assert "m.p" in "".join(str(event.subject) for event in played(lines, capture.parent, plan()))


async def test_a_recording_ends_at_its_size(shop: Gateway, orders: Orders) -> None:
    order_id, message = orders.sign("record", {"seconds": 60, "max_bytes": 1_024})
    orders.send("record", message)
    await orders.answer(order_id)
    await shop.live(*[heard("rx-door", -50.0)] * 20)
    result = (await orders.answer(order_id, count=2))["result"]
    assert result["ended"] == "size"
    assert 0 < (shop.directory / result["file"]).stat().st_size <= 1_024


async def test_a_recording_leaves_room_for_what_must_not_be_lost(
    tmp_path: Path, broker: Mosquitto, orders: Orders
) -> None:
    with mounted_disk(tmp_path, recorder.ROOM_LEFT + (48 << 20)) as disk:
        async with gateway(disk.place / "state", broker):
            order_id, message = orders.sign("record", {"seconds": 60})
            orders.send("record", message)
            assert (await orders.answer(order_id))["status"] == "started"
            (disk.place / "ballast").write_bytes(bytes(48 << 20))
            assert (await orders.answer(order_id, count=2))["result"]["ended"] == "room"
            full = await orders.give("record", {"seconds": 1})
            assert (full["status"], full["reason"]) == ("refused", "no_room")


async def test_only_the_newest_captures_are_kept(shop: Gateway, orders: Orders) -> None:
    folder = shop.directory / recorder.FOLDER
    folder.mkdir()
    for number in range(9):
        (folder / f"2020-01-0{number}.ndjson").write_text("")
    (folder / ".2020.ndjson.draft").write_text("left by a kill")
    result = (await orders.give("record", {"seconds": 1}))["result"]
    assert len(list(folder.iterdir())) == recorder.KEPT
    assert (shop.directory / result["file"]).exists()


async def test_restart_answers_first_then_stops(shop: Gateway, orders: Orders) -> None:
    assert (await orders.give("restart"))["status"] == "done"
    await asyncio.wait_for(shop.stop.wait(), 60)


async def test_the_log_speaks_up_for_a_while(shop: Gateway, orders: Orders) -> None:
    before = structlog.get_config()["wrapper_class"]
    try:
        answer = await orders.give("log-level", {"level": "error", "seconds": 1})
        assert answer["result"]["level"] == "error"
        louder = structlog.get_config()["wrapper_class"]
        await asyncio.sleep(1.2)
        assert structlog.get_config()["wrapper_class"] is not louder
    finally:
        structlog.configure(wrapper_class=before)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("ping", {"loud": True}),
        ("erase", {}),
        ("erase", {"handle": ""}),
        ("erase", {"handle": 7}),
        ("record", {"seconds": 1e9}),
        ("record", {"seconds": 5, "max_bytes": 1 << 40}),
        ("log-level", {"level": "loud", "seconds": 5}),
        ("explain", {"handle": "q3lzt7", "at": "yesterday"}),
    ],
)
async def test_wrong_arguments_are_refused_and_use_nothing(
    shop: Gateway, orders: Orders, name: str, arguments: dict[str, object]
) -> None:
    answer = await orders.give(name, arguments)
    assert (answer["status"], answer["reason"]) == ("refused", "bad_arguments")
    assert [each["type"] for each in await shop.told("operation")] == ["command.refused"]


async def test_a_used_command_is_refused_from_then_on(tmp_path: Path, broker: Mosquitto, orders: Orders) -> None:
    order_id, message = orders.sign("ping")
    async with gateway(tmp_path / "state", broker) as shop:
        orders.send("ping", message)
        assert (await orders.answer(order_id))["status"] == "done"
        orders.send("ping", message)
        again = await orders.answer(order_id, count=2)
        assert (again["status"], again["reason"]) == ("refused", "used")
        assert [each["type"] for each in await shop.told("operation")] == ["command.taken", "command.refused"]
    async with gateway(tmp_path / "state", broker):
        orders.send("ping", message)
        assert (await orders.answer(order_id, count=3))["reason"] == "used"


async def test_a_command_that_was_cut_off_is_not_called_carried_out(
    tmp_path: Path, broker: Mosquitto, orders: Orders
) -> None:
    order_id, message = orders.sign("record", {"seconds": 60})
    async with gateway(tmp_path / "state", broker):
        orders.send("record", message)
        assert (await orders.answer(order_id))["status"] == "started"
    async with gateway(tmp_path / "state", broker):
        orders.send("record", message)
        answer = await orders.answer(order_id, count=2)
        assert (answer["status"], answer["reason"]) == ("refused", "interrupted")
        assert "nobody here knows" in str(answer["problem"])


async def test_a_retained_command_is_heard_at_the_next_connection(
    tmp_path: Path, broker: Mosquitto, orders: Orders
) -> None:
    order_id, message = orders.sign("ping")
    orders.send("ping", message, retain=True)
    async with gateway(tmp_path / "state", broker):
        assert (await orders.answer(order_id))["status"] == "done"


async def test_a_command_that_ended_is_refused(shop: Gateway, orders: Orders) -> None:
    answer = await orders.give("ping", lasts_s=-1.0)
    assert (answer["status"], answer["reason"]) == ("refused", "expired")


async def test_without_a_clock_every_command_is_refused(tmp_path: Path, broker: Mosquitto, orders: Orders) -> None:
    async with gateway(tmp_path / "state", broker, synced=False):
        assert (await orders.give("ping"))["reason"] == "clock_unset"


async def test_a_forged_command_is_refused_and_shown(shop: Gateway, broker: Mosquitto, orders: Orders) -> None:
    async with office(broker, Signer(SIGNER.name)) as forger, office(broker, Signer("nobody")) as stranger:
        assert (await forger.give("restart"))["reason"] == "bad_signature"
        assert shop.codes["uplink:commands"] == "bad_signature"
        assert (await stranger.give("restart"))["reason"] == "unknown_key"
    assert not shop.stop.is_set()
    assert await shop.told("operation") == []
    assert (await orders.give("ping"))["status"] == "done"
    assert shop.codes["uplink:commands"] == "listening"


@pytest.mark.parametrize("elsewhere", [("other", "0042", "gw-1"), ("acme", "1", "gw-1"), ("acme", "0042", "gw-2")])
async def test_a_command_for_another_gateway_is_refused(
    shop: Gateway, orders: Orders, elsewhere: tuple[str, str, str]
) -> None:
    message = SIGNER.order(StoreRef(*elsewhere), "ping", "order-elsewhere", 0.0, 60.0, {})
    orders.send("ping", message)
    assert (await orders.answer("order-elsewhere"))["reason"] == "wrong_audience"


async def test_a_command_under_another_name_is_refused(shop: Gateway, orders: Orders) -> None:
    order_id, message = orders.sign("ping")
    orders.send("restart", message)
    assert (await orders.answer(order_id))["reason"] == "wrong_audience"
    assert not shop.stop.is_set()


async def test_a_command_of_no_known_name_is_refused(shop: Gateway, orders: Orders) -> None:
    answer = await orders.give("reboot")
    assert (answer["reason"], all(name in answer["problem"] for name in DEEDS)) == ("unknown_command", True)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"no command", "malformed"),
        (b"[" * 10_000, "malformed"),
        (b'{"command": "{}", "key": "hq", "signature": ""}', "malformed"),
        (b'{"command": "\\ud800", "key": "hq-demo", "signature": "eA=="}', "malformed"),
        (b" " * (MAX_ORDER_BYTES + 1), "too_large"),
    ],
)
async def test_what_is_no_command_is_shown(shop: Gateway, orders: Orders, message: bytes, code: str) -> None:
    orders.send("ping", message)
    await until(lambda: shop.codes.get("uplink:commands") == code)
    assert (await orders.give("ping"))["status"] == "done"


async def test_a_flood_of_forged_commands_costs_little(shop: Gateway, broker: Mosquitto, orders: Orders) -> None:
    async with office(broker, Signer(SIGNER.name)) as forger:
        for _ in range(500):
            forger.send("restart", forger.sign("restart")[1])
        await until(lambda: shop.codes.get("uplink:commands") == "flooded")
        await shop.live(IN)
        await until(lambda: shop.codes.get("uplink:commands") == "bad_signature")
        await asyncio.sleep(desk.PAUSE_S * (desk.MOST_WAITING + 5))
        assert len(forger.answers) < 100
    assert (await orders.give("ping"))["status"] == "done"
    assert not shop.stop.is_set()


async def test_a_flood_of_one_replayed_command_is_told_once(shop: Gateway, orders: Orders) -> None:
    order_id, message = orders.sign("ping")
    for _ in range(20):
        orders.send("ping", message)
    await orders.answer(order_id, count=20)
    told = [each for each in await shop.told("operation") if each["type"] == "command.refused"]
    assert [(each["reason"], each["times"]) for each in told] == [("used", 1)]


async def test_an_answer_goes_to_its_response_topic_with_its_correlation(shop: Gateway, broker: Mosquitto) -> None:
    message = SIGNER.order(STORE, "ping", "order-mqtt-5", time.time(), 60.0, {})
    topic = f"{ROOT}commands/ping"
    answer = await asyncio.to_thread(asked_over_mqtt_5, broker.port, topic, message, "replies/hq-7", b"\x00\xff7")
    assert (answer.topic, answer.retain) == ("replies/hq-7", False)
    assert getattr(answer.properties, "CorrelationData", None) == b"\x00\xff7"
    assert json.loads(answer.payload)["status"] == "done"


ROOT = Topics(STORE).root


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        (None, f"{ROOT}commands/ping/result/o"),
        ("replies/hq-7", "replies/hq-7"),
        (f"{ROOT}commands/ping/result/other", f"{ROOT}commands/ping/result/other"),
        (f"{ROOT}events/visit", f"{ROOT}commands/ping/result/o"),
        ("proximity/v1/acme/0042/gw-2/state", f"{ROOT}commands/ping/result/o"),
        ("$SYS/broker", f"{ROOT}commands/ping/result/o"),
        ("replies/#", f"{ROOT}commands/ping/result/o"),
        ("x" * 300, f"{ROOT}commands/ping/result/o"),
    ],
)
def test_an_answer_goes_where_it_is_asked_for_but_never_where_others_believe_it(asked: str | None, where: str) -> None:
    assert Topics(STORE).answer(asked, "ping", "o") == where
    assert Topics(STORE).answer("replies/hq", "ping", None) == "replies/hq"
    assert Topics(STORE).answer(None, "ping", None) is None
