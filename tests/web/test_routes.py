"""Every route: what it answers, to whom, and what it says when it does not."""

from pathlib import Path
from typing import Any

import pytest

from gateway.model.feeds import FeedBatch, Gone, Stock
from gateway.model.sighting import CheckIn, Sighting
from gateway.model.time import rfc3339
from gateway.web.buckets import Rate
from tests.core.shops import SHELF, STARTED_UTC_S
from tests.web.shop import ADA, BOB, DISPLAY, EVE, GTIN, IT, STAFF, TILL, Shop, open_shop

ROUTES: dict[tuple[str, str], set[str]] = {
    ("GET", "/v1/offers"): {"member"},
    ("POST", "/v1/sightings"): {"member"},
    ("POST", "/v1/checkins"): {"member"},
    ("GET", "/v1/live"): {"member", "staff", "display"},
    ("GET", "/v1/sessions"): {"member", "till", "staff", "it", "display"},
    ("DELETE", "/v1/sessions"): set(),
    ("GET", "/healthz"): {"it"},
    ("GET", "/readyz"): {"it"},
    ("GET", "/metrics"): {"it"},
}
"""Who may ask, from another machine."""
CREDENTIALS = {"member": ADA, "till": TILL, "staff": STAFF, "it": IT, "display": DISPLAY}
REPORT = {"seen": [{"beacon": "b-7", "rssi_dbm": -60}]}


async def ask(shop: Shop, method: str, path: str, credential: str | None, **sent: Any) -> tuple[int, Any]:
    async with shop.client(credential) as client:
        answer = await client.request(method, path, **sent)
    kind = answer.headers.get("content-type", "")
    return answer.status_code, answer.json() if "json" in kind else answer.text


@pytest.mark.parametrize(("method", "path"), [each for each in ROUTES if each[1] != "/v1/live"])
async def test_each_scope_passes_where_it_may_and_nowhere_else(tmp_path: Path, method: str, path: str) -> None:
    body = {"json": REPORT} if path == "/v1/sightings" else {}
    async with open_shop(tmp_path) as shop:
        for scope, credential in CREDENTIALS.items():
            status, answer = await ask(shop, method, path, credential, **body)
            if scope in ROUTES[method, path]:
                assert status in {200, 202}, (scope, answer)
            else:
                assert (status, answer["code"]) == (403, "forbidden"), scope
        for nothing in (None, "nonsense"):
            status, answer = await ask(shop, method, path, nothing, **body)
            assert (status, answer["code"]) == (401, "unauthorised")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_this_machine_needs_no_credential_to_see_how_the_gateway_is(tmp_path: Path, path: str) -> None:
    async with open_shop(tmp_path) as shop, shop.client(address="127.0.0.1") as client:
        assert (await client.get(f"http://127.0.0.1:8080{path}")).status_code == 200


async def test_a_check_in_is_answered_with_what_was_decided_and_offers_stay_open(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        status, answer = await ask(shop, "POST", "/v1/checkins", ADA, json={"method": "qr"})
        assert status == 200
        assert answer["visit"].startswith("v.")
        assert {each["campaign"]: each["decision"] for each in answer["decisions"]} == dict.fromkeys(
            ("hello", "shoes"), "offered"
        )
        hello = next(each for each in answer["decisions"] if each["campaign"] == "hello")
        assert (hello["language"], hello["words"]) == ("en", {"title": "Hello", "body": "There is coffee."})
        status, answer = await ask(shop, "GET", "/v1/offers", ADA)
        assert [each["campaign"] for each in answer["offers"]] == ["shoes", "hello"]
        best = answer["offers"][0]
        assert (best["benefit"], best["until"]) == ({"kind": "none"}, "2026-01-05T23:00:00.000Z")
        assert best["why"]["moment"] == "checked_in"
        assert rfc3339(STARTED_UTC_S) <= best["why"]["at"] < best["until"]
        assert (await ask(shop, "GET", "/v1/offers", BOB))[1] == {"offers": []}


async def test_the_words_are_in_the_members_language(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await ask(shop, "POST", "/v1/checkins", BOB)
        offers = (await ask(shop, "GET", "/v1/offers", BOB))[1]["offers"]
        assert {each["campaign"]: each["words"]["title"] for each in offers} == {
            "hello": "Bonjour",
            "shoes": "Ten percent",
        }


async def test_a_member_who_did_not_agree_is_not_recognised(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        status, answer = await ask(shop, "POST", "/v1/checkins", EVE)
        assert (status, answer["code"]) == (403, "not_recognised")
        assert all("m.eve" not in str(batch) for batch in shop.store.batches)


async def test_a_request_sent_again_has_its_effect_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        key = {"headers": {"idempotency-key": "k-1"}}
        first = await ask(shop, "POST", "/v1/checkins", ADA, **key)
        assert first == await ask(shop, "POST", "/v1/checkins", ADA, **key)
        events = [event.type for batch in shop.store.batches for event in batch.events]
        assert events.count("visitor.checked_in") == 1
        status, answer = await ask(shop, "POST", "/v1/checkins", ADA, json={"method": "hand"}, **key)
        assert (status, answer["code"]) == (422, "idempotency_reused")
        await ask(shop, "POST", "/v1/checkins", BOB, **key)
        events = [event.type for batch in shop.store.batches for event in batch.events]
        assert events.count("visitor.checked_in") == 2


async def test_a_report_becomes_evidence(tmp_path: Path) -> None:
    uuid, major, minor = SHELF.value.split("/")
    seen = [
        {"beacon": "b-7", "rssi_dbm": -60},
        {"uuid": uuid.upper(), "major": int(major), "minor": int(minor), "rssi_dbm": -61.5},
        {"beacon": "of-another-shop", "rssi_dbm": -50},
        {"light": "0A1B"},
    ]
    async with open_shop(tmp_path) as shop:
        assert await ask(shop, "POST", "/v1/sightings", ADA, json={"seen": seen}) == (202, {"heard": 4, "known": 2})
        while not any(event.type == "zone.entered" for batch in shop.store.batches for event in batch.events):
            await ask(shop, "POST", "/v1/sightings", ADA, json={"seen": seen})
        assert shop.site.view.here["m.ada"].zone == "shoes"


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({}, "body.seen"),
        ({"seen": []}, "body.seen"),
        ({"seen": [{"rssi_dbm": -60}]}, "body.seen[0]"),
        ({"seen": [{"beacon": "b", "uuid": "x", "rssi_dbm": -60}]}, "body.seen[0].uuid"),
        ({"seen": [{"light": "0a1b", "rssi_dbm": -40}]}, "body.seen[0]"),
        ({"seen": [{"light": "0a1b", "beacon": "b"}]}, "body.seen[0]"),
        ({"seen": [{"light": "a lamp"}]}, "body.seen[0].light"),
        ({"seen": [{"beacon": "b"}]}, "body.seen[0]"),
        ({"seen": [{"beacon": "b", "rssi_dbm": 127}]}, "body.seen[0].rssi_dbm"),
        ({"seen": [{"beacon": "b", "rssi_dbm": "loud"}]}, "body.seen[0].rssi_dbm"),
        ({"seen": [{"beacon": "b", "rssi_dbm": -60, "mac": "C0:00"}]}, "body.seen[0].mac"),
        ({"seen": [{"beacon": "b", "rssi_dbm": -60}] * 101}, "body.seen"),
        ({"seen": [{"beacon": "b", "rssi_dbm": -60}], "member": "bob"}, "body.member"),
    ],
)
async def test_a_wrong_report_is_refused_with_the_place(tmp_path: Path, body: object, at: str) -> None:
    async with open_shop(tmp_path) as shop:
        status, answer = await ask(shop, "POST", "/v1/sightings", ADA, json=body)
    assert (status, answer["code"]) == (422, "invalid")
    assert at in {each["at"] for each in answer["errors"]}
    assert "C0:00" not in str(answer)


async def test_markers_and_products_are_for_anyone(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        shows = {"gtin": GTIN, "names": {"en": "Trainers"}}
        marker = {"marker": "A7", "product": GTIN, "zone": None, "campaign": None, "shows": shows, "words": None}
        assert await ask(shop, "GET", "/v1/markers/A7", None) == (200, marker)
        for gtin in (GTIN, GTIN.lstrip("0")):
            answer = await ask(shop, "GET", f"/v1/products/{gtin}", None)
            assert answer == (200, {"product": shows, "markers": ["A7"], "stock": None, "nearby": []})
        for path in ("/v1/markers/B8", "/v1/products/4006381333931", "/v1/products/123", "/v1/nothing"):
            status, answer = await ask(shop, "GET", path, None)
            assert (status, answer["code"]) == (404, "not_found"), path


async def test_stock_is_shown_with_its_age_here_and_nearby(tmp_path: Path) -> None:
    told = [Stock(GTIN, "0043", 9, STARTED_UTC_S - 60.0), Stock(GTIN, "0042", 3, STARTED_UTC_S - 5.0)]
    async with open_shop(tmp_path, records=(told[0],), inputs=[FeedBatch("stock", 1, "sha256:1", tuple(told))]) as shop:
        _, answer = await ask(shop, "GET", f"/v1/products/{GTIN}", None)
        assert answer["stock"]["quantity"] == 3
        assert answer["stock"]["age_s"] == pytest.approx(5.0, abs=4.0)
        assert [(each["store"], each["quantity"]) for each in answer["nearby"]] == [("0043", 9)]
        await shop.inbox.ask(FeedBatch("stock", 2, "sha256:2", (Gone((GTIN, "0042")),), 1))
        _, answer = await ask(shop, "GET", f"/v1/products/{GTIN}", None)
    assert (answer["stock"], len(answer["nearby"])) == (None, 1)


async def test_before_the_first_commit_the_shop_says_so(tmp_path: Path) -> None:
    async with open_shop(tmp_path, begun=False) as shop:
        for method, path in (("GET", "/v1/offers"), ("POST", "/v1/checkins"), ("GET", "/v1/live")):
            status, answer = await ask(shop, method, path, ADA)
            assert (status, answer["code"]) == (503, "not_ready")


async def test_what_the_disk_does_not_take_is_refused_and_can_be_sent_again(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        shop.store.failing = True
        key = {"headers": {"idempotency-key": "k-1"}}
        status, answer = await ask(shop, "POST", "/v1/checkins", ADA, **key)
        assert (status, answer["code"]) == (503, "storage_unavailable")
        status, answer = await ask(shop, "POST", "/v1/sightings", ADA, json=REPORT)
        assert (status, answer["code"]) == (503, "busy")
        shop.store.failing = False
        while (await ask(shop, "POST", "/v1/checkins", ADA, **key))[0] == 503:
            pass


async def test_a_gateway_that_stops_says_so(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        shop.inbox.close()
        status, answer = await ask(shop, "POST", "/v1/checkins", ADA)
        assert (status, answer["code"]) == (503, "stopping")


async def test_who_asks_too_often_waits(tmp_path: Path) -> None:
    slow = Rate(per_s=0.001, burst=3)
    async with open_shop(tmp_path, credential_rate=slow) as shop:
        answers = [await ask(shop, "GET", "/v1/offers", ADA) for _ in range(5)]
        assert [status for status, _ in answers] == [200, 200, 200, 429, 429]
        assert answers[-1][1]["code"] == "too_many_requests"
        assert (await ask(shop, "GET", "/v1/offers", BOB))[0] == 200
    async with open_shop(tmp_path, address_rate=slow) as shop, shop.client() as client:
        answers = [await client.get("/v1/markers/A7") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert int(answers[-1].headers["retry-after"]) > 1


async def test_metrics_count_and_name_nobody(tmp_path: Path) -> None:
    arrived = Sighting("app", "app", CheckIn("ada", "app"))
    async with open_shop(tmp_path, inputs=[arrived]) as shop, shop.client(IT) as client:
        await client.get("/v1/markers/ada")
        await client.get("/nothing/ada")
        text = (await client.get("/metrics")).text
    assert 'proximity_outbox_events{class="visit"} 3.0' in text
    assert 'proximity_outbox_oldest_timestamp_seconds{class="visit"} 1.7676036e+09' in text
    assert 'proximity_http_requests_total{route="/v1/markers/{id}",status="404"} 1.0' in text
    assert 'proximity_http_requests_total{route="other",status="404"} 1.0' in text
    assert "ada" not in text


async def test_every_response_carries_the_headers_that_keep_a_browser_safe(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client(ADA) as client:
        for path in ("/v1/offers", "/nothing", "/openapi.json", "/", "/live", "/api", "/pages/api/api.js"):
            answer = await client.get(path)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "unsafe" not in answer.headers["content-security-policy"]


async def test_the_page_behind_a_marker_alone_may_ask_for_a_camera(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client() as client:
        paths = ("/m/A7", "/live", "/", "/api")
        told = {path: (await client.get(path)).headers["permissions-policy"] for path in paths}
    assert told.pop("/m/A7").startswith("camera=(self), ")
    assert {policy.split(", ")[0] for policy in told.values()} == {"camera=()"}


async def test_pages_are_served_whole_and_not_again_to_who_has_them(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client() as client:
        page = await client.get("/api")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        again = await client.get("/api", headers={"if-none-match": page.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        plain = await client.get("/api", headers={"accept-encoding": "br, gzip;q=0"})
        assert (page.headers["content-encoding"], plain.headers.get("content-encoding")) == ("gzip", None)
        assert plain.content == page.content
        assert page.headers["vary"] == "accept-encoding"
        for path in ("/pages/../routes.py", "/pages/%2e%2e/routes.py", "/pages/"):
            assert (await client.get(path)).status_code == 404


async def test_the_description_names_every_field_and_the_shape_of_errors(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop, shop.client() as client:
        described = (await client.get("/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    schemas = described["components"]["schemas"]
    assert set(schemas["Report"]["properties"]) == {"seen"}
    assert schemas["ProblemDocument"]["required"] == ["status", "code", "detail"]
    assert described["paths"]["/v1/offers"]["get"]["security"]
