"""The controls of a simulated shop, as the page's buttons and curl use them."""

from collections.abc import AsyncIterator

import httpx
import pytest

from simulators.control import Answer, ControlServer, NotNow, control_app

PAGE = "http://127.0.0.1:8080"


class Shop:
    """Remembers what it was asked for; nobody is away."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def cut(self, seconds: float) -> Answer:
        self.asked.append(("cut", seconds))
        return {"seconds": seconds}

    def kill_adapter(self, seconds: float, adapter: str | None) -> Answer:
        self.asked.append(("kill", seconds, adapter))
        return {"seconds": seconds, "adapter": adapter or "hci0"}

    def silence(self, seconds: float, beacon: str | None) -> Answer:
        self.asked.append(("silence", seconds, beacon))
        return {"seconds": seconds, "beacon": beacon or "b-street"}

    def stop_camera(self, seconds: float) -> Answer:
        self.asked.append(("camera", seconds))
        return {"seconds": seconds}

    def unplug_scanner(self, seconds: float) -> Answer:
        self.asked.append(("scanner", seconds))
        return {"seconds": seconds}

    def send_in(self, name: str | None) -> Answer:
        raise NotNow("nobody_away", "Everybody is in the shop already.")

    def scan(self, marker: str | None) -> Answer:
        self.asked.append(("scan", marker))
        return {"marker": marker or "A7"}

    def tap(self, marker: str | None) -> Answer:
        self.asked.append(("tap", marker))
        return {"marker": marker or "A7"}

    def state(self) -> Answer:
        return {"people": []}


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
async def client(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with ControlServer() as server:
        server.begin(control_app(shop, PAGE))
        async with httpx.AsyncClient(base_url=server.origin) as client:
            yield client


async def test_what_is_asked_for_happens(client: httpx.AsyncClient, shop: Shop) -> None:
    answers = [
        await client.post("/cut", json={"seconds": 20}),
        await client.post("/kill-adapter", json={"seconds": 3, "adapter": "hci1"}),
        await client.post("/kill-adapter"),
        await client.post("/stop-camera", json={"seconds": 5}),
        await client.post("/unplug-scanner"),
        await client.post("/silence"),
        await client.post("/scan", json={}),
        await client.post("/tap", json={"marker": "P1"}),
        await client.get("/state"),
    ]
    assert [answer.status_code for answer in answers] == [200] * 9
    assert shop.asked == [
        ("cut", 20.0),
        ("kill", 3.0, "hci1"),
        ("kill", 10.0, None),
        ("camera", 5.0),
        ("scanner", 10.0),
        ("silence", 120.0, None),
        ("scan", None),
        ("tap", "P1"),
    ]
    assert answers[1].json() == {"seconds": 3.0, "adapter": "hci1"}


@pytest.mark.parametrize(
    ("path", "wish", "status", "says"),
    [
        ("/shopper", {}, 409, "Everybody is in"),
        ("/cut", {"seconds": 0}, 422, "seconds"),
        ("/cut", {"seconds": 1e9}, 422, "seconds"),
        ("/cut", {"minutes": 1}, 422, "minutes"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    client: httpx.AsyncClient, path: str, wish: dict[str, object], status: int, says: str
) -> None:
    answer = await client.post(path, json=wish)
    assert answer.status_code == status
    assert says in answer.json()["detail"]


async def test_only_the_gateways_page_may_ask_from_a_browser(client: httpx.AsyncClient, shop: Shop) -> None:
    preflight = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    allowed = await client.options("/cut", headers={"origin": PAGE} | preflight)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, PAGE)
    elsewhere = "http://elsewhere.example"
    assert (await client.options("/cut", headers={"origin": elsewhere} | preflight)).status_code == 400
    answer = await client.post("/cut", headers={"origin": elsewhere}, json={})
    assert answer.status_code == 403
    assert shop.asked == []
