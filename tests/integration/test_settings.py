"""Settings: what is read, and the one clear message for everything that is wrong with them."""

import asyncio
import base64
import json
import sqlite3
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.codecs.signing import public_key_text, sign_manifest
from gateway.sensing.capture import CaptureOptions
from gateway.sensing.registry import SOURCES
from gateway.sensing.source import SourceSettings
from gateway.settings import Checked, Problem, SettingsRefused, SettingsUnreadable, check_settings, load_settings
from gateway.storage.database import open_store
from gateway.storage.secret import load_secret

STORE = """
[store]
tenant = "acme"
id = "0042"
gateway = "gw-1"
floorplan = "floorplan.toml"
[state]
directory = "state"
"""
FLOOR_PLAN = """
[store]
id = "0042"
tenant = "acme"
timezone = "Europe/Paris"
languages = ["fr"]
[[zones]]
id = "shoes"
kind = "aisle"
"""
CAPTURE = '{"format": "proximity-capture", "version": 1, "started_at": "2026-01-05T09:00:00Z"}\n'
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CAMPAIGNS = json.dumps({"document": "campaigns", "serial": 7, "campaigns": [], "content": {}}).encode()
KINDS = ", ".join(f'"{kind}"' for kind in SOURCES)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "floorplan.toml").write_text(FLOOR_PLAN)
    (tmp_path / "walk.ndjson").write_text(CAPTURE)
    return tmp_path


def write(shop: Path, more: str = "", store: str = STORE) -> Path:
    path = shop / "settings.toml"
    path.write_text(store + more)
    return path


def refused(path: Path, environ: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    with pytest.raises(SettingsRefused) as caught:
        load_settings(path, environ or {})
    return [(problem.key, problem.problem, problem.hint) for problem in caught.value.problems]


def checked(path: Path) -> Checked:
    return asyncio.run(check_settings(load_settings(path, {}), {}))


def found(path: Path) -> list[Problem]:
    return list(checked(path).problems)


def test_the_least_that_will_do(shop: Path) -> None:
    settings = load_settings(write(shop), {})
    assert settings.store.ref.gateway == "gw-1"
    assert settings.store.floorplan == shop / "floorplan.toml"
    assert settings.state.directory == shop / "state"
    assert (settings.mqtt, settings.http, settings.sources) == (None, None, ())
    result = checked(write(shop))
    assert (result.problems, result.warnings, result.documents) == ((), (), {})
    assert result.floorplan is not None


def test_every_table_is_read(shop: Path) -> None:
    settings = load_settings(
        write(
            shop,
            """
            [trust]
            keys = { hq-2026 = "abc" }
            [presence]
            switch_margin_db = 4
            dwell_marks_s = [30, 60]
            [mqtt]
            url = "mqtts://broker.example:8883"
            acknowledge = "broker"
            [http]
            listen = "[::1]:0"
            [logs]
            level = "debug"
            [[sources]]
            kind = "capture"
            path = "walk.ndjson"
            speed = 2
            """,
        ),
        {},
    )
    assert settings.trust.keys == {"hq-2026": "abc"}
    assert (settings.presence.switch_margin_db, settings.presence.dwell_marks_s) == (4.0, (30.0, 60.0))
    assert settings.mqtt is not None
    assert settings.mqtt.acknowledge == "broker"
    assert settings.http is not None
    assert settings.logs.level == "debug"
    assert settings.sources == (SourceSettings("capture", CaptureOptions(path=shop / "walk.ndjson", speed=2.0)),)


def test_the_environment_overrides_the_file(shop: Path) -> None:
    environ = {
        "PROXIMITY_STORE__GATEWAY": "gw-9",
        "PROXIMITY_MQTT__URL": "mqtt://localhost",
        "PROXIMITY_MQTT__KEEPALIVE_S": "45",
        "PROXIMITY_PRESENCE__DWELL_MARKS_S": "[10, 20]",
        "PROXIMITY_SOURCES": '[{ kind = "capture", socket = "capture.sock" }]',
        "HOME": "elsewhere",
    }
    settings = load_settings(write(shop), environ)
    assert settings.store.gateway == "gw-9"
    assert settings.mqtt is not None
    assert (settings.mqtt.url, settings.mqtt.keepalive_s) == ("mqtt://localhost", 45)
    assert settings.presence.dwell_marks_s == (10.0, 20.0)
    assert settings.sources == (SourceSettings("capture", CaptureOptions(socket="capture.sock")),)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("[mqt]\nurl = 1", ("mqt", "there is no such table", "did you mean mqtt?")),
        ("[mqtt]\nulr = 'x'", ("mqtt.ulr", "there is no such key", "did you mean url?")),
        ("[http]\nport = 80", ("http.port", "there is no such key", "write one of listen, simulator")),
        (
            "[mqtt]\nurl = 'mqtt://localhost'\nkeepalive_s = 'soon'",
            (
                "mqtt.keepalive_s",
                "'soon' will not do: input should be a valid integer, unable to parse string as an integer",
                "the key takes a whole number",
            ),
        ),
        (
            "[mqtt]\nurl = 'mqtt://broker.example'",
            (
                "mqtt.url",
                "broker.example:1883 would be spoken to in plain text, which anybody on the way can read and alter",
                "write mqtts://, or allow_plain_text = true where the network itself is trusted",
            ),
        ),
        (
            "[mqtt]\nurl = 'mqtts://b.example'\nca = 'ca.pem'",
            ("mqtt.ca", "{shop}/ca.pem is not there or no file", "write the path of a file that can be read"),
        ),
        (
            "[http]\nsimulator = 'http://127.0.0.1:9000/x'",
            ("http.simulator", "'http://127.0.0.1:9000/x' is no origin", "write http://HOST:PORT alone"),
        ),
        (
            "[http]\nlisten = '8080'",
            (
                "http.listen",
                "'8080' is no HOST:PORT",
                "an example: 127.0.0.1:8080, or [::]:8080 for every network",
            ),
        ),
        ("mqtt = 3", ("mqtt", "it has to be a table", "write [mqtt] and its keys below")),
        ("[logs]\nlevel = 'loud'", None),
        (
            "[[sources]]\nkind = 'sonar'",
            ("sources[0].kind", "'sonar' is no kind of source in this version", f"it has {KINDS}"),
        ),
        ("[[sources]]\npath = 'x'", ("sources[0].kind", "it is missing", f"write kind = one of {KINDS}")),
        (
            "[[sources]]\nkind = 'capture'",
            (
                "sources[0].path",
                "a capture source plays a file or listens at a socket",
                "write path or socket, not both",
            ),
        ),
        (
            "[[sources]]\nkind = 'capture'\npath = 'x'\nlop = true",
            ("sources[0].lop", "there is no such key", "did you mean loop?"),
        ),
        (
            "[[sources]]\nkind = 'capture'\npath = 'x'\nspeed = -1",
            ("sources[0].speed", "-1.0 is out of range", "write 1 for life, more for faster, 0 for no wait"),
        ),
        (
            "[[sources]]\nkind = 'film'\npictures = '.'",
            (
                "sources[0].kind",
                "no page is served that could film anything",
                "write [http] with listen, or leave this source out",
            ),
        ),
        (
            "[http]\n[[sources]]\nkind = 'film'\npictures = '.'\n[[sources]]\nkind = 'film'\npictures = '.'",
            (
                "sources[1].kind",
                "pages are answered by one source",
                "put all pictures in one folder",
            ),
        ),
    ],
)
def test_what_is_wrong_is_named_with_what_to_write(
    shop: Path, more: str, expected: tuple[str, str, str] | None
) -> None:
    store, tables = (f"{more}\n{STORE}", "") if more.startswith("mqtt =") else (STORE, more)
    (problem,) = refused(write(shop, tables, store))
    if expected is None:
        assert problem[0] == "logs.level"
        assert "'debug', 'info', 'warning' or 'error'" in problem[1]
    else:
        assert problem == tuple(part.format(shop=shop) for part in expected)


def test_all_problems_are_told_at_once(shop: Path) -> None:
    keys = [key for key, _, _ in refused(write(shop, "[mqt]\n[http]\nlisen = 'x'", '[store]\nid = "a/b"\n'))]
    assert keys == ["mqt", "store.tenant", "store.gateway", "http.lisen", "store.floorplan"]


def test_names_fit_topics(shop: Path) -> None:
    (problem,) = refused(write(shop, store=STORE.replace('"0042"', '"00/42"')))
    assert problem == (
        "store.id",
        "'00/42' is no name",
        "write 1 to 64 characters without spaces and none of / + # ?",
    )


def test_a_problem_of_the_environment_names_the_variable(shop: Path) -> None:
    with pytest.raises(SettingsRefused) as caught:
        load_settings(write(shop), {"PROXIMITY_HTTP__LISTEN": "here", "PROXIMITY_STORE__TENAT": "acme"})
    places = [(problem.file, problem.key) for problem in caught.value.problems]
    assert places == [("environment", "PROXIMITY_STORE__TENAT")]
    with pytest.raises(SettingsRefused) as caught:
        load_settings(write(shop), {"PROXIMITY_HTTP__LISTEN": "here"})
    places = [(problem.file, problem.key) for problem in caught.value.problems]
    assert places == [("environment", "PROXIMITY_HTTP__LISTEN")]
    with pytest.raises(SettingsRefused) as caught:
        load_settings(write(shop, '[mqt]\nca = "x"\n'), {"PROXIMITY_HTPT__LISTEN": "x", "PROXIMITY_MQT__URL": "y"})
    places = [(problem.file, problem.key) for problem in caught.value.problems]
    assert places == [(str(shop / "settings.toml"), "mqt"), ("environment", "PROXIMITY_HTPT__LISTEN")]


def test_a_secret_is_never_repeated(shop: Path) -> None:
    (problem,) = refused(write(shop, "[mqtt]\nurl = 'mqtts://b.example'\npassword_file = 17"))
    assert "17" not in str(problem)


def test_a_missing_or_broken_file_is_unreadable(shop: Path) -> None:
    with pytest.raises(SettingsUnreadable, match="there is no such file; write it there, or name another"):
        load_settings(shop / "none.toml", {})
    with pytest.raises(SettingsUnreadable, match=r"it is not TOML: .*line 1"):
        load_settings(write(shop, store="[store\n"), {})
    (shop / "loop.toml").symlink_to("loop.toml")
    with pytest.raises(SettingsUnreadable, match=r"it cannot be read .*; run this with sudo or as the gateway's user"):
        load_settings(shop / "loop.toml", {})
    with pytest.raises(SettingsUnreadable, match="it is a folder; name the file in it with --settings"):
        load_settings(shop, {})


def test_the_floor_plan_has_to_be_there_and_compile(shop: Path) -> None:
    path = write(shop)
    (shop / "floorplan.toml").unlink()
    (missing,) = found(path)
    assert (missing.file, missing.key) == (str(path), "store.floorplan")
    assert "there is no file" in missing.problem
    (shop / "floorplan.toml").write_text(FLOOR_PLAN.replace("Europe/Paris", "Europe/Pairs"))
    (wrong,) = found(path)
    assert wrong.problem == "floorplan.toml (store.timezone): there is no time zone 'Europe/Pairs'"
    assert wrong.hint == 'write an IANA name such as "Europe/Paris"'


def sign(shop: Path, content: bytes, key: Ed25519PrivateKey = KEY) -> None:
    manifest = sign_manifest(
        content, tenant="acme", store="0042", name="campaigns", serial=7, key="hq", private_key=key
    )
    (shop / "campaigns.json").write_bytes(CAMPAIGNS)
    (shop / "campaigns.manifest.json").write_text(json.dumps(manifest))


def with_campaigns(shop: Path, key: str = public_key_text(KEY)) -> Path:
    return write(shop, f'[documents]\ncampaigns = "campaigns.json"\n[trust]\nkeys = {{ hq = "{key}" }}\n')


def test_a_signed_document_is_read(shop: Path) -> None:
    sign(shop, CAMPAIGNS)
    document = checked(with_campaigns(shop)).documents["campaigns"]
    assert (document.path.name, document.serial) == ("campaigns.json", 7)


def test_an_unsigned_document_is_refused(shop: Path) -> None:
    (shop / "campaigns.json").write_bytes(CAMPAIGNS)
    (problem,) = found(with_campaigns(shop))
    assert problem.key == "documents.campaigns"
    assert "it has no signature: there is no file campaigns.manifest.json beside it" in problem.problem


def test_a_document_of_another_signature_is_refused(shop: Path) -> None:
    sign(shop, CAMPAIGNS, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    (problem,) = found(with_campaigns(shop))
    assert "the signature of 'hq' is not over this document" in problem.problem


def test_a_key_that_is_none_is_named(shop: Path) -> None:
    path = write(shop, f'[trust]\nkeys = {{ hq = "{base64.b64encode(bytes(31)).decode()}" }}\n')
    (problem,) = found(path)
    assert (problem.key, problem.problem) == ("trust.keys.hq", "it holds 31 bytes; an Ed25519 public key has 32")


def test_a_capture_has_to_be_one(shop: Path) -> None:
    source = '[[sources]]\nkind = "capture"\npath = "{}"\n'
    assert found(write(shop, source.format("walk.ndjson"))) == []
    (missing,) = found(write(shop, source.format("none.ndjson")))
    assert missing.key == "sources[0].path"
    (wrong,) = found(write(shop, source.format("floorplan.toml")))
    assert "is no capture: line 1" in wrong.problem


def test_a_state_directory_that_is_a_file_is_refused(shop: Path) -> None:
    (shop / "state").write_text("")
    (problem,) = found(write(shop))
    assert problem.key == "state.directory"
    assert problem.problem == f"{shop / 'state'} is no directory that this user may write"


async def make_state(shop: Path) -> Path:
    directory = shop / "state"
    async with open_store(directory, load_secret(directory, {})):
        return directory / "gateway.db"


async def test_a_good_state_is_left_as_it_is(shop: Path) -> None:
    database = await make_state(shop)
    before = (database.read_bytes(), (database.parent / "device.secret").read_bytes())
    assert (await check_settings(load_settings(write(shop), {}), {})).problems == ()
    assert (database.read_bytes(), (database.parent / "device.secret").read_bytes()) == before


async def test_a_database_that_is_none_is_refused(shop: Path) -> None:
    database = await make_state(shop)
    database.write_bytes(b"no database" * 1000)
    (problem,) = (await check_settings(load_settings(write(shop), {}), {})).problems
    assert (problem.file, problem.key) == (str(database), "")
    assert "not a database" in problem.problem
    assert "restore a backup" in problem.hint


async def test_a_schema_of_newer_code_is_refused(shop: Path) -> None:
    database = await make_state(shop)
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE meta SET value = 99 WHERE name = 'min_code'")
    connection.close()
    (problem,) = (await check_settings(load_settings(write(shop), {}), {})).problems
    assert problem.problem == "the database needs storage code 99, this gateway has 1"
    assert "install the newer gateway again" in problem.hint


async def test_a_lost_secret_is_refused(shop: Path) -> None:
    database = await make_state(shop)
    (database.parent / "device.secret").unlink()
    (problem,) = (await check_settings(load_settings(write(shop), {}), {})).problems
    assert problem.problem == "the device secret is missing"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("smoothing = 7.0", "smoothing is 7: write a weight above 0 and at most 1"),
        ("expiry_min_s = 500.0", "expiry_min_s is 500: write more than 0 and at most expiry_max_s"),
        ("visit_gap_s = -1.0", "visit_gap_s is -1: write 0 or more"),
        ("dwell_marks_s = [0.0]", "dwell_marks_s has a mark that is not above 0: write seconds"),
        ("visit_gap_by_kind_s = { fitting = -1.0 }", "visit_gap_by_kind_s of fitting is -1: write 0 or more"),
        (
            "dwell_marks_by_kind_s = { checkout = [0.0] }",
            "dwell_marks_by_kind_s of checkout has a mark that is not above 0: write seconds",
        ),
    ],
)
def test_presence_out_of_its_range_is_refused_by_name(shop: Path, line: str, named: str) -> None:
    assert refused(write(shop, f"[presence]\n{line}\n")) == [("presence", named, "correct the table")]
