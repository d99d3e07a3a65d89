"""The session at real brokers: what is said arrives, what is denied is known, what is untrusted is refused."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from gateway.mqtt.message import Message, Outgoing, Published
from gateway.mqtt.options import MqttOptions
from gateway.mqtt.session import Session
from simulators.broker import Broker
from tests.brokers import MOSQUITTO, Mosquitto, free_port, make_pki, mosquitto
from tests.integration.mqtt_side import Noted, listening, quick, session, until

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    async with mosquitto(tmp_path / "broker") as running:
        yield running


async def test_what_is_published_is_heard(broker: Mosquitto) -> None:
    async with session(quick(broker.url), subscriptions=["a/#"]) as noted:
        await noted.session.connected()
        assert (await noted.session.publish("a/b", "zwölf".encode())).accepted
        await until(lambda: noted.messages == [Message("a/b", "zwölf".encode(), retained=False)])
        assert noted.codes == ["connected"]


async def test_nobody_listening_is_no_failure(broker: Mosquitto) -> None:
    async with session(quick(broker.url)) as noted:
        await noted.session.connected()
        answer = await noted.session.publish("nobody/listens", b"")
        assert answer == Published(accepted=True, reason="No matching subscribers", heard=False)


async def test_two_gateways_under_one_name_are_not_taken_for_connected(broker: Mosquitto) -> None:
    async with session(quick(broker.url)) as one, session(quick(broker.url)) as other:
        await until(lambda: "unsteady" in one.codes and "unsteady" in other.codes)
        assert "connected" not in one.codes[one.codes.index("unsteady") :]


async def test_a_broker_that_gives_our_name_to_another_is_understood() -> None:
    async def take_over(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(bytes.fromhex("2003000000"))  # CONNACK: success
        writer.write(bytes.fromhex("e0018e"))  # DISCONNECT: session taken over (mosquitto 2.0.11 just hangs up)
        await reader.read()

    async with listening(take_over) as port, session(quick(f"mqtt://127.0.0.1:{port}")) as noted:
        await until(lambda: "taken_over" in noted.codes)


async def test_many_in_flight_are_all_answered(broker: Mosquitto) -> None:
    async with session(quick(broker.url), subscriptions=["many"]) as noted:
        await noted.session.connected()
        assert noted.session.room == 20  # mosquitto's Receive Maximum, below our own bound
        answers = await asyncio.gather(*(noted.session.publish("many", b"%d" % n) for n in range(500)))
        assert all(answer.accepted for answer in answers)
        await until(lambda: noted.payloads("many") == [b"%d" % n for n in range(500)])


async def test_a_large_message_passes_either_way(broker: Mosquitto) -> None:
    payload = bytes(range(256)) * 8_192
    async with session(quick(broker.url), subscriptions=["large"]) as noted:
        await noted.session.connected()
        assert (await noted.session.publish("large", payload, retain=True)).accepted
        await until(lambda: noted.payloads("large") == [payload])


async def test_a_publish_that_the_acl_denies_is_not_accepted(tmp_path: Path) -> None:
    acl = "topic readwrite ok/#\ntopic readwrite state/#\ntopic read no/#\n"
    async with mosquitto(tmp_path, acl=acl) as broker, session(quick(broker.url)) as noted:
        await noted.session.connected()
        assert (await noted.session.publish("ok/a", b"x")).accepted
        assert await noted.session.publish("no/a", b"x") == Published(accepted=False, reason="Not authorized")


async def test_a_denied_state_is_shown(tmp_path: Path) -> None:
    async with mosquitto(tmp_path, acl="topic readwrite ok/#\n") as broker, session(quick(broker.url)) as noted:
        await until(lambda: noted.codes[:1] == ["state_refused"])
        assert "ACL" in noted.conditions[0].hint


async def test_a_message_too_large_for_the_broker_is_not_sent(tmp_path: Path) -> None:
    extra = ["max_packet_size 2000"]
    async with mosquitto(tmp_path, extra=extra) as broker, session(quick(broker.url)) as noted:
        await noted.session.connected()
        answer = await noted.session.publish("a", bytes(3_000))
        assert not answer.accepted
        assert "too large" in answer.reason
        assert (await noted.session.publish("a", bytes(1_000))).accepted


async def test_a_fault_of_the_listener_ends_the_session(broker: Mosquitto) -> None:
    def fail(_message: Message) -> None:
        raise ZeroDivisionError

    faulty = Session(
        quick(broker.url),
        client_id="gw-1",
        state=lambda session_id, _online: Outgoing("state", session_id.encode()),
        subscriptions=["state"],
        on_message=fail,
        report=lambda _condition: None,
    )
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(faulty.run(), 60)


async def test_tls_with_a_private_authority_and_a_client_certificate(tmp_path: Path) -> None:
    pki = make_pki(tmp_path)
    options = {"ca": pki.ca, "certificate": pki.certificate("client"), "key": pki.key("client")}
    async with mosquitto(tmp_path, pki=pki) as broker:
        async with session(quick(broker.url, **options), subscriptions=["t"]) as noted:
            await noted.session.connected()
            answers = await asyncio.gather(*(noted.session.publish("t", b"%d" % n) for n in range(200)))
            assert all(answer.accepted for answer in answers)
            await until(lambda: len(noted.payloads("t")) == 200)
        async with session(quick(broker.url, ca=pki.ca)) as noted:
            await until(lambda: noted.codes[:1] == ["tls"])
            assert "mqtt.certificate" in noted.conditions[0].hint
        async with session(quick(broker.url)) as noted:
            await until(lambda: noted.codes[:1] == ["tls_untrusted"])


async def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    pki = make_pki(tmp_path, server_names=["broker.example"])
    options = {"ca": pki.ca, "certificate": pki.certificate("client"), "key": pki.key("client")}
    async with mosquitto(tmp_path, pki=pki) as broker, session(quick(broker.url, **options)) as noted:
        await until(lambda: noted.codes[:1] == ["tls_untrusted"])
        assert "localhost" in noted.conditions[0].hint


async def test_a_wrong_password_is_named(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("wrong\n")
    (tmp_path / "users").write_text("")
    extra = ["allow_anonymous false", f"password_file {tmp_path / 'users'}"]
    async with (
        mosquitto(tmp_path, extra=extra) as broker,
        session(quick(broker.url, username="gw-1", password_file=password)) as noted,
    ):
        await until(lambda: noted.codes[:1] == ["unauthorised"])
        assert "password" in noted.conditions[0].hint


async def test_what_is_wrong_with_the_way_is_named(tmp_path: Path) -> None:
    async with session(quick(f"mqtt://127.0.0.1:{free_port()}")) as noted:
        await until(lambda: noted.codes[:1] == ["refused"])
    async with session(quick("mqtts://no.such.host.invalid:8883", connect_timeout_s=3.0)) as noted:
        await until(lambda: noted.codes[:1] in (["dns"], ["timeout"]))


async def test_tls_and_no_tls_mistaken_for_each_other_is_named(tmp_path: Path) -> None:
    async with (
        mosquitto(tmp_path) as broker,
        session(quick(broker.url.replace("mqtt://", "mqtts://"))) as noted,
    ):
        await until(lambda: noted.codes[:1] == ["tls"])
        assert "speaks TLS" in noted.conditions[0].hint
    async with (
        mosquitto(tmp_path, pki=make_pki(tmp_path)) as broker,
        session(quick(broker.url.replace("mqtts://", "mqtt://"))) as noted,
    ):
        await until(lambda: noted.codes[:1] == ["unanswered"])
        assert "mqtts://" in noted.conditions[0].hint


async def test_a_broker_that_never_answers_costs_its_time_out() -> None:
    async def be_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(be_silent) as port:
        for scheme, code in (("mqtt", "unanswered"), ("mqtts", "timeout")):
            async with session(quick(f"{scheme}://127.0.0.1:{port}", connect_timeout_s=0.2)) as noted:
                await until(partial(_begins_with, noted, code))


async def test_amqtt_is_spoken_to_in_3_1_1() -> None:
    async with Broker("amqtt") as broker, session(quick(broker.url), subscriptions=["a"]) as noted:
        await noted.session.connected()
        assert await noted.session.publish("a", b"x", content_type="text/plain") == Published(True, "Success")
        await until(lambda: noted.payloads("a") == [b"x"])
        assert noted.codes == ["connected"]


async def test_a_broker_that_just_closes_on_5_is_spoken_to_in_3_1_1(broker: Mosquitto) -> None:
    async def know_only_3_1_1(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connect = await reader.read(1_024)
        if b"MQTT\x05" not in connect:
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", broker.port)
            with contextlib.closing(upstream_writer):
                upstream_writer.write(connect)
                writer.write(await upstream_reader.read(4))
                welcomed.set()
                await reader.read()

    welcomed = asyncio.Event()
    async with listening(know_only_3_1_1) as port, session(quick(f"mqtt://127.0.0.1:{port}")):
        await asyncio.wait_for(welcomed.wait(), 60)


async def test_the_second_broker_is_taken_when_the_first_is_away(broker: Mosquitto) -> None:
    async with session(quick((f"mqtt://127.0.0.1:{free_port()}", broker.url))) as noted:
        await asyncio.wait_for(noted.session.connected(), 60)
        assert noted.codes == ["connected"]


def _begins_with(noted: Noted, code: str) -> bool:
    return noted.codes[:1] == [code]


def test_options_that_cannot_work_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="plain text"):
        Session(
            MqttOptions("mqtt://broker.example"),
            client_id="gw-1",
            state=lambda _session, _online: Outgoing("state", b""),
            subscriptions=(),
            on_message=lambda _message: None,
            report=lambda _condition: None,
        )
