"""Codes and sessions: once, in time, ended for good; and who guesses has to wait."""

import asyncio
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from gateway.runtime.errors import StorageUnavailable
from gateway.storage.ended_sessions import EndedSessions
from gateway.storage.invites import Invites
from gateway.web.attempts import FREE, LONGEST_WAIT_S, Attempts
from gateway.web.buckets import Buckets, Rate
from gateway.web.credentials import NotCredential
from gateway.web.door import COOKIE
from gateway.web.session_tokens import SESSION_S, SessionTokens
from tests.web.shop import STAFF, Shop, open_shop

SOON_S = time.time() + 600
NOBODY = 65_534


async def sign_in(client: httpx.AsyncClient, code: str) -> httpx.Response:
    return await client.post("/v1/sessions", json={"code": code})


def code_of(shop: Shop, scope: str = "staff") -> str:
    return shop.invites.make(scope, SOON_S, time.time())


async def test_a_code_opens_one_session_as_cookie_and_as_bearer(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client() as client:
        answer = await sign_in(client, code_of(shop).lower().replace("-", " "))
        assert answer.status_code == 201
        cookie = answer.headers["set-cookie"]
        assert all(each in cookie for each in (f"{COOKIE}=", "HttpOnly", "SameSite=strict", "Path=/"))
        assert (await client.get("/v1/sessions")).json()["scope"] == "staff"
        async with shop.client(answer.json()["token"]) as other:
            assert (await other.get("/v1/sessions")).json()["scope"] == "staff"


async def test_a_code_is_good_once_however_many_try_at_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client() as client:
        code = code_of(shop)
        answers = await asyncio.gather(*(sign_in(client, code) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [201, *[401] * 7]
        assert {answer.json().get("code") for answer in answers} == {None, "bad_code"}


async def test_a_code_too_old_is_none(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client() as client:
        answer = await sign_in(client, shop.invites.make("staff", 100.0, 99.0))
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_code")


async def test_an_ended_session_is_over_also_after_a_restart(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client() as client:
        token = (await sign_in(client, code_of(shop))).json()["token"]
        assert (await client.delete("/v1/sessions")).status_code == 204
        assert COOKIE not in client.cookies
        async with shop.client(token) as other:
            assert (await other.get("/v1/sessions")).status_code == 401
    async with open_shop(tmp_path) as shop, shop.client(token) as client:
        assert (await client.get("/v1/sessions")).status_code == 401


async def test_a_session_is_over_even_when_its_end_cannot_be_kept(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client() as client:
        await sign_in(client, code_of(shop))
        (tmp_path / "sessions.ended").mkdir()
        answer = await client.delete("/v1/sessions")
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
        assert (await client.get("/v1/sessions")).status_code == 401


async def test_a_credential_of_head_office_is_no_session_to_end(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client(STAFF) as client:
        assert (await client.delete("/v1/sessions")).json()["code"] == "forbidden"


async def test_a_page_of_another_origin_changes_nothing(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client() as client:
        await sign_in(client, code_of(shop))
        answer = await client.delete("/v1/sessions", headers={"origin": "https://evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_origin")
        assert (await client.get("/v1/sessions")).status_code == 200
        assert (await client.delete("/v1/sessions", headers={"origin": "http://shop"})).status_code == 204


async def test_who_tries_a_thousand_codes_has_to_wait_even_with_the_right_one(tmp_path: Path) -> None:
    async with open_shop(tmp_path, mono_s=lambda: 0.0) as shop, shop.client() as client:
        answers = [await sign_in(client, f"WRNG-{number}") for number in range(1_000)]
        assert [answer.status_code for answer in answers] == [401] * (FREE + 1) + [429] * (999 - FREE)
        right = code_of(shop)
        locked = await sign_in(client, right)
        assert (locked.status_code, locked.json()["code"]) == (429, "too_many_attempts")
        assert int(locked.headers["retry-after"]) >= 1
        async with shop.client(address="192.0.2.8") as elsewhere:
            assert (await sign_in(elsewhere, right)).status_code == 201


async def test_who_tries_a_thousand_credentials_has_to_wait_and_neighbours_go_on(tmp_path: Path) -> None:
    async with open_shop(tmp_path, mono_s=lambda: 0.0) as shop, shop.client(STAFF) as known, shop.client() as thief:
        assert (await known.get("/v1/sessions")).status_code == 200
        tried = [
            (await thief.get("/v1/sessions", headers={"authorization": f"Bearer x{number}"})).status_code
            for number in range(1_000)
        ]
        assert tried == [401] * (FREE + 1) + [429] * (999 - FREE)
        assert (await known.get("/v1/sessions")).status_code == 200


def test_what_is_kept_of_a_code_is_a_hash_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    code = Invites(tmp_path).make("it", SOON_S, time.time())
    (kept,) = (tmp_path / "invites").iterdir()
    assert code not in kept.name + kept.read_text()
    assert code.replace("-", "") not in kept.name + kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert Invites(tmp_path).take(code, SOON_S - 1) == "it"
    assert Invites(tmp_path).take(code, SOON_S - 1) is None
    assert list((tmp_path / "invites").iterdir()) == []


@pytest.mark.parametrize("code", ["", "../x", "/etc/passwd", "\0", "é" * 64])
def test_no_text_is_taken_for_a_code(tmp_path: Path, code: str) -> None:
    assert Invites(tmp_path).take(code, 0.0) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes what belongs to others")
def test_what_root_makes_is_made_with_the_rights_of_the_states_owner() -> None:
    with TemporaryDirectory() as folder:
        state, elsewhere = Path(folder, "state"), Path(folder, "elsewhere")
        Path(folder).chmod(0o755)
        for place in (state, elsewhere):
            place.mkdir(0o700)
        os.chown(state, NOBODY, NOBODY)
        Invites(state).make("it", SOON_S, time.time())
        (kept,) = (state / "invites").iterdir()
        assert {place.stat().st_uid for place in (kept, kept.parent)} == {NOBODY}
        kept.unlink()
        kept.parent.rmdir()
        (state / "invites").symlink_to(elsewhere)
        with pytest.raises(StorageUnavailable):
            Invites(state).make("it", SOON_S, time.time())
        assert (elsewhere.stat().st_uid, list(elsewhere.iterdir())) == (0, [])
        assert os.geteuid() == 0


def test_old_invites_go_when_new_ones_are_made(tmp_path: Path) -> None:
    invites = Invites(tmp_path)
    invites.make("staff", 100.0, 99.0)
    invites.make("staff", 200.0, 100.0)
    assert len(list((tmp_path / "invites").iterdir())) == 1


def test_a_session_token_is_good_for_twelve_hours_and_for_nothing_else() -> None:
    tokens = SessionTokens(bytes(32), ended=lambda _: False)
    token, credential = tokens.issue("it", 1000.0)
    assert (credential.scope, credential.until_utc_s) == ("it", 1000.0 + SESSION_S)
    others = [
        token[:-1] + "x",
        token.replace(".it.", ".staff."),
        token + "x",
        "s1....",
        "s1.it",
        "",
        "é",
        "s1.it.x.y.z",
    ]
    with pytest.raises(NotCredential):
        tokens.verify(token, 1000.0 + SESSION_S)
    with pytest.raises(NotCredential):
        SessionTokens(bytes(31) + b"1", ended=lambda _: False).verify(token, 1000.0)
    for other in others:
        with pytest.raises(NotCredential):
            tokens.verify(other, 1000.0)


def test_ended_sessions_are_forgotten_when_they_would_be_over(tmp_path: Path) -> None:
    ended = EndedSessions(tmp_path)
    ended.add("a", 100.0, 0.0)
    ended.add("b", 300.0, 200.0)
    assert ("a" in ended, "b" in ended) == (False, True)
    assert "b" in EndedSessions(tmp_path)
    (tmp_path / "sessions.ended").write_text("{broken")
    assert "b" not in EndedSessions(tmp_path)


def test_sessions_that_end_at_once_are_all_ended(tmp_path: Path) -> None:
    ended, names = EndedSessions(tmp_path), [f"s{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: ended.add(name, 300.0, 0.0), names))
    assert all(name in ended and name in EndedSessions(tmp_path) for name in names)


def test_waits_double_up_to_a_bound_and_are_forgiven() -> None:
    now_s = [0.0]
    attempts = Attempts(lambda: now_s[0], capacity=3)
    waits = []
    for _ in range(FREE + 14):
        attempts.failed("a")
        waits.append(attempts.wait_s("a"))
    assert waits[: FREE + 3] == [0.0] * FREE + [1.0, 2.0, 4.0]
    assert waits[-1] == LONGEST_WAIT_S
    now_s[0] = LONGEST_WAIT_S
    assert attempts.wait_s("a") == 0.0
    now_s[0] += 3601.0
    attempts.failed("a")
    assert attempts.wait_s("a") == 0.0
    for address in "bcdef":
        attempts.failed(address)
    assert len(attempts) == 3


def test_a_bucket_fills_again_and_the_table_is_bounded() -> None:
    now_s = [0.0]
    buckets = Buckets(Rate(per_s=2.0, burst=3), lambda: now_s[0], capacity=10)
    assert [buckets.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    now_s[0] = 0.5
    assert buckets.take("a") == 0.0
    for key in range(100):
        buckets.take(key)
    assert len(buckets) == 10
