"""What an operator may write about the broker, and what is told back."""

from dataclasses import replace
from pathlib import Path
from stat import S_IFDIR

import pytest

from gateway.mqtt.options import BrokerAddress, MqttOptions, parse_url, problems
from gateway.runtime.files import kind_of


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtts://broker.example:8884", BrokerAddress("broker.example", 8884, tls=True)),
        ("mqtts://broker.example", BrokerAddress("broker.example", 8883, tls=True)),
        ("mqtt://127.0.0.1", BrokerAddress("127.0.0.1", 1883, tls=False)),
        ("mqtt://[::1]:1884/", BrokerAddress("::1", 1884, tls=False)),
    ],
)
def test_a_url_is_an_address(url: str, address: BrokerAddress) -> None:
    assert parse_url(url) == address


@pytest.mark.parametrize(
    "url", ["broker.example", "http://broker.example", "mqtts://", "mqtts://broker.example/path", "mqtts://a:99999"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_url(url)


@pytest.mark.parametrize("scheme", ["mqtts", "mqtt+ssl", "ssl"])
def test_credentials_do_not_belong_into_a_url_and_are_not_repeated(scheme: str) -> None:
    with pytest.raises(ValueError, match="password_file") as caught:
        parse_url(f"{scheme}://shop:secret@broker.example")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.8.0.1"])
def test_plain_text_stays_on_this_machine(host: str) -> None:
    assert problems(MqttOptions(f"mqtt://{host}")) == []


def test_plain_text_to_another_machine_has_to_be_asked_for() -> None:
    options = MqttOptions("mqtt://broker.example")
    (problem,) = problems(options)
    assert problem.key == "mqtt.url"
    assert "plain text" in problem.problem
    assert "mqtts://" in problem.hint
    assert problems(replace(options, allow_plain_text=True)) == []


def test_each_thing_that_is_wrong_is_named(tmp_path: Path) -> None:
    options = MqttOptions(
        ("mqtts://a.example", "nonsense"), ca=tmp_path / "none.pem", key=tmp_path / "none.key", keepalive_s=1
    )
    assert {problem.key for problem in problems(options)} == {"mqtt.url", "mqtt.ca", "mqtt.key", "mqtt.keepalive_s"}


def test_no_broker_at_all_is_a_problem() -> None:
    assert [problem.key for problem in problems(MqttOptions(()))] == ["mqtt.url"]


def test_what_systemd_brings_is_there_while_the_service_runs() -> None:
    brought = Path("/run/credentials/no-such-unit.service/mqtt-password")
    assert problems(MqttOptions(username="gw-1", password_file=brought)) == []


def test_a_file_in_a_folder_that_may_not_be_looked_into_is_as_one_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (found,) = problems(MqttOptions(ca=tmp_path / "loop" / "ca.pem"))
    assert (found.key, found.problem) == ("mqtt.ca", f"{tmp_path}/loop/ca.pem is not there or no file")
    assert kind_of(tmp_path / "loop" / "ca.pem") == kind_of(tmp_path / "none") == 0
    assert kind_of(tmp_path) == S_IFDIR
