"""Settings of head office: judged by the options themselves, below the operator's own, kept, and told."""

import asyncio
from pathlib import Path

import pytest

from gateway.documents.apart import Apart
from gateway.documents.checks import Here
from gateway.documents.job import answered
from gateway.documents.settings import compile_settings
from gateway.model.documents import SettingsEffect
from gateway.runtime.child import Bounds
from gateway.runtime.logs import Level, Loudness
from gateway.settings import InForce, Settings, load_settings, settings_in_force
from gateway.settings.in_force import JUDGES
from gateway.settings.judge_job import judge_job
from gateway.settings.sent import SENDABLE, effect_of, operators_own
from gateway.settings.surface import TABLES
from gateway.uplink.library import Library
from tests.uplink.desk import SIGNER, STORE, TRUST, Desk, Disk

OPERATORS = '[store]\ntenant = "acme"\nid = "0042"\ngateway = "gw-1"\nfloorplan = "floorplan.toml"\n'


def operators(folder: Path, more: str = "", environ: dict[str, str] | None = None) -> Settings:
    path = folder / "settings.toml"
    path.write_text(OPERATORS + more)
    return load_settings(path, environ or {})


def document(serial: int, tables: str, store: str = "0042") -> bytes:
    return f'document = "settings"\nserial = {serial}\ntenant = "acme"\nstore = "{store}"\n{tables}'.encode()


async def judged_here(question: bytes, _bounds: Bounds) -> bytes:
    return await asyncio.to_thread(answered, question, {"compile": judge_job})


def library(folder: Path, settings: Settings) -> Library:
    here = Here(STORE.tenant, STORE.store, settings=operators_own(settings))
    apart = Apart(here, pauses_s=(0.0,), judges={"settings": judged_here})
    return Library(Disk(folder / "state"), apart, STORE, TRUST)


def desk(folder: Path, settings: Settings) -> Desk:
    return Desk(library(folder, settings), settle=lambda sent: effect_of(sent, settings, settings))


async def test_what_head_office_sets_is_kept_for_the_next_start(tmp_path: Path) -> None:
    settings = operators(tmp_path)
    ours = desk(tmp_path, settings)
    answer = await ours.send("settings", document(1, '[logs]\nlevel = "error"\n[ledger]\ndays = 7\n'), 1)
    assert (answer["status"], answer["restart_required"], answer["overruled"]) == ("accepted", ["ledger.days"], [])
    assert ours.documents.in_use["settings"].serial == 1
    found = await settings_in_force(settings, library(tmp_path, settings))
    assert (found.running.ledger.days, found.running.logs.level, found.trouble) == (7, "error", None)
    assert found.operators == settings


async def test_the_operators_own_word_comes_first(tmp_path: Path) -> None:
    settings = operators(tmp_path, '[logs]\nlevel = "info"\n', {"PROXIMITY_LEDGER__DAYS": "14"})
    sent = document(1, '[logs]\nlevel = "error"\n[ledger]\ndays = 7\ndecisions = 5000\n')
    answer = await desk(tmp_path, settings).send("settings", sent, 1)
    assert answer["overruled"] == ["ledger.days", "logs.level"]
    assert answer["restart_required"] == ["ledger.decisions"]
    running = (await settings_in_force(settings, library(tmp_path, settings))).running
    assert (running.logs.level, running.ledger.days, running.ledger.decisions) == ("info", 14, 5000)


@pytest.mark.parametrize(
    ("tables", "key", "problem"),
    [
        ("[presence]\nsmoothing = 5\n", "presence", "smoothing is 5"),
        ('[presence]\nvisit_gap_s = "soon"\n', "presence.visit_gap_s", "will not do"),
        ("[presence]\nvisit_gap = 60\n", "presence.visit_gap", "no such key"),
        ("[outbox]\ntelemetry_events = 1\n", "outbox.telemetry_events", "too little"),
        ("[ledger]\ndays = 0\n", "ledger.days", "too little"),
        ('[logs]\nlevel = "loud"\n', "logs.level", "will not do"),
        ('[mqtt]\nurl = "mqtts://elsewhere.example"\n', "mqtt", "operator's alone"),
        ("[trust]\nkeys = {}\n", "trust", "operator's alone"),
        ('[state]\ndirectory = "/tmp"\n', "state", "operator's alone"),
        ('[http]\nlisten = "0.0.0.0:80"\n', "http", "operator's alone"),
        ("[weather]\nsun = 1\n", "weather", "no such table"),
        ("[presence]\nexpiry_max_s = 20\n", "presence", "expiry_min_s is 60"),
    ],
)
async def test_what_cannot_be_set_is_refused_by_key_with_a_hint(
    tmp_path: Path, tables: str, key: str, problem: str
) -> None:
    ours = desk(tmp_path, operators(tmp_path, "[presence]\nexpiry_min_s = 60\n"))
    assert (await ours.send("settings", document(1, ""), 1))["status"] == "accepted"
    answer = await ours.send("settings", document(2, tables), 2)
    assert (answer["status"], answer["reason"], answer["key"]) == ("refused", "invalid", key)
    assert problem in str(answer["problem"])
    assert answer["hint"]
    assert [ready.serial for ready in ours.taken] == [1]


async def test_settings_of_another_store_or_an_older_serial_are_refused(tmp_path: Path) -> None:
    ours = desk(tmp_path, operators(tmp_path))
    assert (await ours.send("settings", document(2, "", store="0041"), 2))["reason"] == "wrong_store"
    assert (await ours.send("settings", document(2, ""), 2))["status"] == "accepted"
    assert (await ours.send("settings", document(1, ""), 1))["reason"] == "older_serial"
    assert (await ours.send("settings", document(4, ""), 3))["reason"] == "wrong_serial"


async def test_what_was_kept_and_no_longer_fits_is_left_out_and_told(tmp_path: Path) -> None:
    ours = desk(tmp_path, operators(tmp_path))
    await ours.send("settings", document(1, "[presence]\nexpiry_max_s = 20\n"), 1)
    settings = operators(tmp_path, "[presence]\nexpiry_min_s = 60\n")
    found = await settings_in_force(settings, library(tmp_path, settings))
    assert found.running == settings
    assert found.trouble is not None
    assert (found.trouble.part, found.trouble.code) == ("documents:settings", "invalid")


async def test_a_real_child_judges_by_the_options(tmp_path: Path) -> None:
    settings = operators(tmp_path)
    real = Library(Disk(tmp_path / "state"), Apart(Here("acme", "0042"), judges=JUDGES), STORE, TRUST)
    ours = Desk(real)
    manifest = SIGNER.manifest(document(1, "[ledger]\ndays = 0\n"), STORE, "settings", 1)
    assert (await ours.judge("settings", manifest, timeout_s=60))["key"] == "ledger.days"
    manifest = SIGNER.manifest(document(1, "[ledger]\ndays = 3\n"), STORE, "settings", 1)
    assert (await ours.judge("settings", manifest, timeout_s=60))["status"] == "accepted"
    assert (await settings_in_force(settings, real)).running.ledger.days == 3


async def test_the_log_is_as_loud_as_it_was_set_and_again_after_a_while(tmp_path: Path) -> None:
    heard: list[str] = []

    class Noted(Loudness):
        def settle(self, level: Level) -> None:
            heard.append(level)

    settings = operators(tmp_path)
    effect = InForce(settings, settings).take(Noted("info"), compile_settings(document(1, '[logs]\nlevel = "error"')))
    assert (heard, effect) == (["error"], SettingsEffect())


def test_what_head_office_may_set_touches_no_way_in_or_out() -> None:
    assert set(SENDABLE) < set(TABLES)
    assert not {"trust", "mqtt", "http", "state", "store", "documents"} & set(SENDABLE)
