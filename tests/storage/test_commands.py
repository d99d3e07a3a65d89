"""`explain` and `outbox`, beside a gateway that runs and after it ended."""

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from gateway.cli.explain import explain, explanations
from gateway.cli.outbox import outbox, standings
from gateway.model.decision import Offered
from gateway.model.event import STREAMS
from gateway.model.step import Save, Stream
from gateway.model.time import At, from_rfc3339, rfc3339
from gateway.storage.batch import Batch
from gateway.storage.database import open_store
from gateway.storage.secret import load_secret
from tests.storage.values import event, withheld

NINE_UTC_S = from_rfc3339("2026-01-05T09:00:00Z")

app = typer.Typer()
app.command()(explain)
app.command()(outbox)


def call(settings: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--settings", str(settings)])


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(
        '[store]\ntenant = "acme"\nid = "0042"\ngateway = "gw-1"\nfloorplan = "floorplan.toml"\n'
        f'[state]\ndirectory = "{tmp_path / "state"}"\n'
    )
    return path


async def decide(directory: Path) -> str:
    """A morning: welcomed at nine, refused at ten; another campaign refused at half past nine. The incarnation."""
    made = Offered(At(1.0, NINE_UTC_S), "m.q3lzt7", "v.1", "welcome", "zone_entered", "a", "welcome-a", "fr", "app")
    later = withheld("m.q3lzt7", "welcome", NINE_UTC_S + 3600)
    other = withheld("m.q3lzt7", "autumn", NINE_UTC_S + 1800, says="Not before October.")
    async with open_store(directory, load_secret(directory, {})) as store:
        await store.commit(Batch(decisions=(made,)))
        await store.commit(Batch(decisions=(other, later)))
        visits = tuple(replace(event(n, utc_s=NINE_UTC_S + n), incarnation=store.incarnation) for n in range(1, 4))
        await store.commit(Batch((Save(Stream("visit", 4)),), visits))
        return store.incarnation


@pytest.fixture
def incarnation(settings: Path) -> str:
    return asyncio.run(decide(settings.parent / "state"))


def test_the_newest_decision_of_a_campaign(settings: Path, incarnation: str) -> None:
    result = call(settings, "explain", "--member", "q3lzt7", "--campaign", "welcome")
    assert result.exit_code == 0
    assert result.stdout == (
        '{"subject": "m.q3lzt7", "campaign": "welcome", "at": "2026-01-05T10:00:00.000Z", "decision": "withheld", '
        '"reason": "cap", "says": "Already greeted today at 09:12."}\n'
    )


def test_the_newest_decision_of_every_campaign(settings: Path, incarnation: str) -> None:
    result = call(settings, "explain", "--member", "m.q3lzt7")
    assert [json.loads(line)["campaign"] for line in result.stdout.splitlines()] == ["autumn", "welcome"]


def test_what_was_decided_until_then(settings: Path, incarnation: str) -> None:
    result = call(settings, "explain", "--member", "q3lzt7", "--at", "2026-01-05T09:10:00Z")
    assert json.loads(result.stdout) == {
        "subject": "m.q3lzt7",
        "campaign": "welcome",
        "at": "2026-01-05T09:00:00.000Z",
        "decision": "offered",
        "reason": None,
        "says": "Offered welcome-a (variant a) in fr on app after zone_entered.",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("--member", "nobody"),
        ("--member", "q3lzt7", "--campaign", "spring"),
        ("--member", "q3lzt7", "--at", "2026-01-05T08:59:59Z"),
    ],
)
def test_nothing_decided_is_one_line_and_exit_1(settings: Path, incarnation: str, arguments: tuple[str, ...]) -> None:
    result = call(settings, "explain", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("nothing")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("text", ["yesterday", "2026-01-05T09:00:00"])
def test_a_time_that_is_none_is_refused(settings: Path, incarnation: str, text: str) -> None:
    result = call(settings, "explain", "--member", "q3lzt7", "--at", text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "write a date and time like" in result.stderr


def test_a_line_for_each_class_in_falling_priority(settings: Path, incarnation: str) -> None:
    result = call(settings, "outbox")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [line["class"] for line in lines] == list(STREAMS)
    visit, offer = lines[2], lines[3]
    assert list(visit) == [
        "incarnation", "class", "depth", "oldest_at", "next_sequence", "acked", "bytes", "hours_left",
    ]  # fmt: skip
    assert visit["incarnation"] == incarnation
    assert (visit["depth"], visit["oldest_at"]) == (3, rfc3339(NINE_UTC_S + 1))
    assert (visit["next_sequence"], visit["acked"]) == ("00000000000000000004", "00000000000000000000")
    assert visit["bytes"] > 3 * 100
    assert visit["hours_left"] > 0
    assert (offer["depth"], offer["oldest_at"], offer["bytes"], offer["hours_left"]) == (0, None, 0, None)


def test_an_outage_is_sized_from_the_rate_of_the_last_hour(settings: Path, incarnation: str) -> None:
    now_s = time.time()
    lines = asyncio.run(standings(settings.parent / "state", now_s, 0.0))
    sized = {str(line["class"]): line for line in asyncio.run(standings(settings.parent / "state", now_s, 48.0))}
    assert [line["bytes_needed"] for line in lines] == [line["bytes"] for line in lines], (
        "what waits needs room already"
    )
    visit, written = sized["visit"], int(str(sized["visit"]["bytes"]))
    assert int(str(visit["bytes_needed"])) == pytest.approx(49 * written, rel=0.01)
    assert sized["offer"]["bytes_needed"] == 0
    printed = call(settings, "outbox", "--outage", "48")
    assert [json.loads(line)["class"] for line in printed.stdout.splitlines()] == list(STREAMS)
    assert json.loads(printed.stdout.splitlines()[2])["bytes_needed"] > 40 * written


def test_the_outbox_needs_no_secret(settings: Path, incarnation: str) -> None:
    (settings.parent / "state" / "device.secret").unlink()
    assert call(settings, "outbox").exit_code == 0
    refused = call(settings, "explain", "--member", "q3lzt7")
    assert refused.exit_code == 2
    assert "the device secret is missing" in refused.stderr


async def test_both_read_while_the_gateway_writes(settings: Path) -> None:
    directory = settings.parent / "state"
    async with open_store(directory, load_secret(directory, {})) as store:
        for n in range(1, 6):
            await store.commit(
                Batch((Save(Stream("visit", n + 1)),), (replace(event(n), incarnation=store.incarnation),))
            )
            depths = {line["class"]: line["depth"] for line in await standings(directory, NINE_UTC_S)}
            assert depths["visit"] == n
            await store.commit(Batch(decisions=(withheld("m.a", "welcome", NINE_UTC_S + n),)))
            (found,) = await explanations(directory, {}, "a", "welcome", NINE_UTC_S + 100)
            assert found["at"] == rfc3339(NINE_UTC_S + n)


@pytest.mark.parametrize("arguments", [("outbox",), ("explain", "--member", "q3lzt7")])
def test_without_a_database_both_say_so_and_make_none(settings: Path, arguments: tuple[str, ...]) -> None:
    result = call(settings, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no database; start the gateway once" in result.stderr
    assert not (settings.parent / "state").exists()


@pytest.mark.parametrize("arguments", [("outbox",), ("explain", "--member", "q3lzt7")])
def test_settings_that_are_not_there(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = call(tmp_path / "none.toml", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "none.toml" in result.stderr


def test_a_damaged_database_is_one_message(settings: Path, incarnation: str) -> None:
    (settings.parent / "state" / "gateway.db").write_bytes(b"no database at all, but long enough to be looked at" * 90)
    for arguments in (("outbox",), ("explain", "--member", "q3lzt7")):
        result = call(settings, *arguments)
        assert result.exit_code == 2
        assert "file is not a database" in result.stderr
        assert result.stderr.count("\n") == 1
