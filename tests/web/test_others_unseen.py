"""No response holds another member's subject, whatever is asked and whatever happened before."""

import asyncio
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model.sighting import AppReport, CheckIn, HeardBeacon, Sighting
from tests.web.shop import ADA, BOB, DISPLAY, IT, TILL, Shop, open_shop

HANDLES = {ADA: "ada", BOB: "bob"}
ASKED = st.sampled_from(
    [
        ("GET", "/v1/offers", None),
        ("GET", "/v1/sessions", None),
        ("POST", "/v1/checkins", {"method": "app"}),
        ("POST", "/v1/checkins", {"method": "nonsense"}),
        ("POST", "/v1/sightings", {"seen": [{"beacon": "b-7", "rssi_dbm": -60}]}),
        ("POST", "/v1/sightings", {"seen": [{"beacon": "ada", "rssi_dbm": -60}]}),
        ("GET", "/v1/markers/A7", None),
        ("GET", "/metrics", None),
        ("GET", "/healthz", None),
        ("GET", "/v1/nothing", None),
    ]
)
HAPPENED = st.sampled_from(
    [Sighting("app", "app", CheckIn(each, "app")) for each in HANDLES.values()]
    + [Sighting("app", "app", AppReport(each, (HeardBeacon("b-7", -60.0),))) for each in HANDLES.values()]
)
REQUEST = st.tuples(st.sampled_from([ADA, BOB, DISPLAY, IT, TILL, None]), ASKED, st.booleans())


@settings(max_examples=25, deadline=None)
@given(st.lists(HAPPENED, min_size=1, max_size=4), st.lists(REQUEST, min_size=1, max_size=12))
def test_nobody_hears_of_another(
    happened: list[Sighting], requests: list[tuple[str | None, tuple[str, str, object], bool]]
) -> None:
    async def ask_all(directory: Path) -> None:
        async with open_shop(directory, inputs=happened) as shop:
            for credential, (method, path, body), keyed in requests:
                await ask_one(shop, credential, method, path, body, keyed=keyed)
            for credential in (ADA, BOB, DISPLAY):
                viewer = shop.site.door.recognise(credential, "")
                with shop.site.live.subscribe(viewer) as stream:
                    assert subjects((await anext(stream)).decode()) <= {f"m.{HANDLES.get(credential)}"}

    with TemporaryDirectory() as directory:
        asyncio.run(ask_all(Path(directory)))


async def ask_one(shop: Shop, credential: str | None, method: str, path: str, body: object, *, keyed: bool) -> None:
    headers = {"idempotency-key": "the-same"} if keyed else {}
    async with shop.client(credential) as client:
        answer = await client.request(method, path, json=body, headers=headers)
    own = {f"m.{HANDLES[credential]}"} if credential in HANDLES else set()
    assert subjects(answer.text + str(answer.headers)) <= own


def subjects(text: str) -> set[str]:
    return set(re.findall(r"\bm\.(?:ada|bob|eve)\b", text))
