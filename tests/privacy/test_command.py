"""The command `privacy`: what is kept of a member is shown, forgotten, or made unreadable with everything else."""

import asyncio
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from gateway.cli.privacy import privacy
from gateway.core.engine import Engine
from gateway.core.privacy_options import PrivacyOptions
from gateway.documents.registry import load_unsigned
from gateway.model.consent import SayConsent
from gateway.model.documents import PURPOSES, FloorPlan
from gateway.model.inputs import Started
from gateway.model.sighting import CheckIn, Sighting
from gateway.model.time import Now
from gateway.storage.batch import Batch
from gateway.storage.connection import find_database
from gateway.storage.database import open_store
from gateway.storage.outbox import open_outbox
from gateway.storage.refusals import SecretRefused
from gateway.storage.secret import OWN_FILE, OwnKeys, load_secret
from gateway.storage.wipe import wipe

NINE_UTC_S = 1_767_603_600.0
PLAN = """
[store]
id = "0042"
tenant = "acme"
timezone = "Europe/Paris"
languages = ["fr", "en"]
[[zones]]
id = "door"
kind = "entrance"
[[receivers]]
id = "gw-1"
zone = "door"
"""

app = typer.Typer()
app.add_typer(privacy, name="privacy")


def call(settings: Path, *arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["privacy", *arguments, "--settings", str(settings)], input=typed)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    (tmp_path / "floorplan.toml").write_text(PLAN)
    path = tmp_path / "settings.toml"
    path.write_text(
        '[store]\ntenant = "acme"\nid = "0042"\ngateway = "gw-1"\nfloorplan = "floorplan.toml"\n'
        f'[state]\ndirectory = "{tmp_path / "state"}"\n[privacy]\ncontroller = "Acme <SAS>, Paris"\n'
    )
    asyncio.run(lived(tmp_path))
    return path


async def lived(folder: Path) -> None:
    """Two members came, and one of them said what it agrees to."""
    directory, plan = folder / "state", load_unsigned(folder / "floorplan.toml", "floorplan").content
    assert isinstance(plan, FloorPlan)
    secret = load_secret(directory, {})
    async with open_store(directory, secret) as store:
        keys, options = OwnKeys.of(secret), PrivacyOptions("Acme")
        engine = Engine(incarnation=store.incarnation, id_key=keys.ids, floorplan=plan, privacy=options)
        told = (
            Started("test"),
            Sighting("app", "app", CheckIn("q3lzt7", "app")),
            Sighting("app", "app", CheckIn("w8mmxa", "app")),
            SayConsent("q3lzt7", PURPOSES),
        )
        for second, each in enumerate(told):
            step = engine.step(each, Now(float(second), NINE_UTC_S + second, "synced", "boot-1"))
            await store.commit(Batch(step.changes, step.events, step.decisions))


async def subjects(directory: Path) -> set[str | None]:
    async with open_outbox(directory, load_secret(directory, {})) as outbox:
        of = next(each.incarnation for each in await outbox.standing())
        return {each.subject for stream in ("visit", "consent") for each in await outbox.after(of, stream, 0, 99)}


def test_an_export_holds_what_is_kept_of_one_member_and_of_nobody_else(settings: Path) -> None:
    result = call(settings, "export", "m.q3lzt7")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["handle"], len(told["visits"]), len(told["presence"])) == ("q3lzt7", 1, 1)
    assert told["consent"]["pii_principal_id"] == "q3lzt7"
    waiting = [each["type"] for each in told["waiting_for_head_office"]]
    assert sorted(waiting) == ["consent.changed", "visit.started", "visitor.checked_in"]
    assert "w8mmxa" not in result.stdout
    assert call(settings, "export", "nobody").exit_code == 1


def test_an_erasure_of_a_stopped_gateway_takes_it_and_is_told(settings: Path) -> None:
    result = call(settings, "erase", "q3lzt7")
    assert result.exit_code == 0, result.output
    gone = json.loads(result.stdout)
    assert (gone["visits"], gone["presences"], gone["statements"], gone["events"]) == (1, 1, 1, 3)
    assert asyncio.run(subjects(settings.parent / "state")) == {None, "m.w8mmxa"}
    left = json.loads(call(settings, "export", "q3lzt7").stdout)
    assert not any(left[each] for each in ("visits", "presence", "consent", "decisions", "waiting_for_head_office"))
    assert len(left["erased"]) == 1, "that the handle is nobody's is all that is known of it"
    assert "is the handle right?" not in result.stderr
    assert "is the handle right?" in call(settings, "erase", "q3lzt8").stderr


async def test_a_running_gateway_is_not_disturbed(settings: Path) -> None:
    directory = settings.parent / "state"
    async with open_store(directory, load_secret(directory, {})):
        for command in (("erase", "q3lzt7"), ("wipe", "--yes")):
            result = await asyncio.to_thread(call, settings, *command)
            assert result.exit_code == 2
            assert "another gateway runs" in result.output
        assert (await asyncio.to_thread(call, settings, "export", "q3lzt7")).exit_code == 0


def test_a_wiped_device_holds_nothing_and_its_copy_opens_no_more(settings: Path) -> None:
    directory = settings.parent / "state"
    copy = {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}
    assert call(settings, "wipe", typed="n\n").exit_code == 2
    assert find_database(directory).exists(), "who does not say yes keeps everything"
    result = call(settings, "wipe", typed="y\n")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout.splitlines()[-1])["device_key"] == "overwritten"
    assert list(directory.iterdir()) == []
    for name, content in copy.items():
        if name != OWN_FILE:
            (directory / name).write_bytes(content)
    with pytest.raises(SecretRefused):
        load_secret(directory, {})


def test_the_key_is_noise_before_it_is_gone(tmp_path: Path) -> None:
    secret = load_secret(tmp_path, {})
    (tmp_path / "kept").hardlink_to(tmp_path / OWN_FILE)
    outside = tmp_path.parent / f"{tmp_path.name}.link"
    outside.hardlink_to(tmp_path / OWN_FILE)
    assert wipe(tmp_path, {}).files == 2
    left = outside.read_bytes()
    assert (len(left), left == secret) == (len(secret), False)


def test_a_secret_of_systemd_is_named(tmp_path: Path) -> None:
    given = tmp_path / "credentials"
    given.mkdir()
    (given / "device-secret").write_bytes(bytes(32))
    state = tmp_path / "state"
    state.mkdir()
    assert wipe(state, {"CREDENTIALS_DIRECTORY": str(given)}).device_key == "credential"


@pytest.mark.parametrize(("language", "says"), [("en", "not people"), ("fr", "pas des personnes")])
def test_the_notice_names_who_counts_and_on_what_ground(settings: Path, language: str, says: str) -> None:
    assert call(settings, "notice").exit_code == 1, "nobody is counted"
    settings.write_text(
        settings.read_text() + 'guests_basis = "legitimate_interest"\ncontact = "privacy@acme.example"\n'
    )
    page = call(settings, "notice", "--language", language)
    assert page.exit_code == 0
    assert says in page.stdout
    assert "Acme &lt;SAS&gt;, Paris" in page.stdout
    assert "privacy@acme.example" in page.stdout
    assert call(settings, "notice", "--language", "xx").exit_code == 2
