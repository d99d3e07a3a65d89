"""A phone asks what its camera sees: whose frames are taken, how many, and what is answered."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from gateway.model.documents import Campaigns, Trigger
from gateway.model.event import Event
from gateway.model.filmed import Filmed, Unreadable
from gateway.model.inputs import DocumentReady
from gateway.runtime.questions import Question
from gateway.sensing.camera.film import FilmSource
from gateway.sensing.camera.film_options import FilmOptions
from gateway.sensing.source import Surroundings, listen
from gateway.web.intake import LONGER
from gateway.web.pictures import LONGEST_PX, RATE
from simulators.posters import poster
from tests.web.shop import ADA, CAMPAIGNS, EVE, GTIN, STAFF, Shop, open_shop
from tests.web.test_routes import ask
from tests.web.test_visitors import token

FRAME = cv2.imencode(".jpg", np.full((90, 160), 128, np.uint8))[1].tobytes()
JPEG = {"headers": {"content-type": "image/jpeg"}}
NOTHING: Mapping[str, object] = {"marker": None, "decisions": []}
PATIENCE_S = 60.0


def told(shop: Shop) -> list[Event]:
    events = [event for batch in shop.store.batches for event in batch.events]
    return [event for event in events if event.type == "code.scanned"]


async def film(shop: Shop, credential: str | None, frame: bytes = FRAME) -> tuple[int, Any]:
    return await ask(shop, "POST", "/v1/pictures", credential, content=frame, **JPEG)


@asynccontextmanager
async def recognised(shop: Shop, pictures: Path) -> AsyncIterator[None]:
    """The pictures of a folder are recognised meanwhile."""

    def no_document(path: Path, name: str) -> DocumentReady:
        raise AssertionError(f"{path} {name}")

    around = Surroundings(pictures, shop.health, no_document, filmed=shop.filmed)
    begin = asyncio.Event()
    begin.set()
    living = asyncio.create_task(listen(FilmSource(FilmOptions(pictures, cpu=1.0), around), shop.inbox, begin))
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not shop.filmed.answered:
                await asyncio.sleep(0.02)
        yield
    finally:
        living.cancel()
        await asyncio.wait({living})


def poster_frame(number: int) -> bytes:
    frame = np.full((720, 960), 128, np.uint8)
    frame[20:700, 240:720] = poster(number)
    return cv2.imencode(".jpg", frame)[1].tobytes()


async def test_a_poster_is_the_product_that_its_marker_stands_for(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "A7.png"), poster(1))
    cv2.imwrite(str(tmp_path / "Z9.png"), poster(2))
    everywhere = ("app", "display")
    shoes = replace(CAMPAIGNS.campaigns[1], trigger=Trigger("code_scanned", marker="A7"), channels=everywhere)
    campaigns = DocumentReady("campaigns", 2, "sha256:c2", Campaigns(2, (shoes,), content=CAMPAIGNS.content))
    async with open_shop(tmp_path, inputs=[campaigns]) as shop, recognised(shop, tmp_path):
        assert await ask(shop, "GET", "/v1/pictures", None) == (200, {"recognised": True})
        visitor = await token(shop)
        status, answer = await film(shop, visitor, poster_frame(1))
        assert (status, answer["marker"]["product"], answer["decisions"]) == (200, GTIN, [])
        assert answer["marker"]["shows"]["names"] == {"en": "Trainers"}
        assert answer["marker"]["words"] == {"en": {"title": "Ten percent"}}, "which anybody may read"
        assert await film(shop, visitor, poster_frame(1)) == (status, answer), "still in sight"
        status, answer = await film(shop, ADA, poster_frame(1))
        assert (status, answer["marker"]["marker"]) == (200, "A7")
        assert [(each["campaign"], each["words"]["title"]) for each in answer["decisions"]] == [
            ("shoes", "Ten percent")
        ]
        assert await film(shop, ADA, poster_frame(1)) == (200, answer | {"decisions": []})
        assert await film(shop, visitor, poster_frame(5)) == (200, NOTHING), "no picture of it"
        assert await film(shop, visitor, poster_frame(2)) == (200, NOTHING), "a picture, and no marker of the shop"
        status, answer = await film(shop, EVE, poster_frame(1))
        assert (status, answer["code"]) == (403, "not_recognised")
        events = [
            (each.subject, each.data["receiver"], each.data["symbology"], each.data["marker"]) for each in told(shop)
        ]
        assert events == [(None, "page", "picture", "A7"), ("m.ada", "app", "picture", "A7")]
        conditions = {each.part: each.code for each in shop.health.conditions()}
        assert conditions["source:film"] == "recognising"


async def test_where_no_pictures_are_known_a_page_hears_it(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        assert await ask(shop, "GET", "/v1/pictures", None) == (200, {"recognised": False})
        status, answer = await film(shop, await token(shop))
        assert (status, answer["code"]) == (503, "not_ready")


@pytest.mark.parametrize(
    ("frame", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"GIF89a", 422, "invalid"),
        (cv2.imencode(".png", np.zeros((1, LONGEST_PX + 1), np.uint8))[1].tobytes(), 422, "invalid"),
        (FRAME.ljust(LONGER["/v1/pictures"] + 1, b"\0"), 413, "too_large"),
    ],
)
async def test_what_is_no_frame_is_refused_before_anybody_unpacks_it(
    tmp_path: Path, frame: bytes, status: int, code: str
) -> None:
    async with open_shop(tmp_path) as shop:
        with shop.filmed.answering():
            visitor = await token(shop)
            answer = await film(shop, visitor, frame)
            assert (answer[0], answer[1]["code"]) == (status, code)
            assert shop.filmed.waiting == 0


async def test_only_members_and_visitors_ask(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        status, answer = await film(shop, STAFF)
        assert (status, answer["code"]) == (403, "forbidden")
        status, answer = await film(shop, None)
        assert (status, answer["code"]) == (401, "unauthorised")


async def taken(shop: Shop) -> Question[Filmed]:
    async with asyncio.timeout(PATIENCE_S):
        return await shop.filmed.take()


async def test_one_frame_of_each_is_under_way_and_few_wait(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        with shop.filmed.answering():
            visitors = [await token(shop) for _ in range(4)]
            under_way = asyncio.create_task(film(shop, visitors[0]))
            first = await taken(shop)
            status, answer = await film(shop, visitors[0])
            assert (status, answer["code"]) == (429, "too_many_requests")
            waiting = [asyncio.create_task(film(shop, each)) for each in visitors[1:3]]
            async with asyncio.timeout(PATIENCE_S):
                while shop.filmed.waiting < 2:
                    await asyncio.sleep(0)
            status, answer = await film(shop, visitors[3])
            assert (status, answer["code"]) == (503, "busy")
            first.answer(None)
            assert await under_way == (200, NOTHING)
            (await taken(shop)).answer(Unreadable("it is damaged: save it again"))
        answers = await asyncio.gather(*waiting)
        assert [(status, answer["code"]) for status, answer in answers] == [(422, "invalid"), (503, "not_ready")]


async def test_an_address_that_films_too_often_has_to_wait(tmp_path: Path) -> None:
    async with open_shop(tmp_path, mono_s=lambda: 1.0) as shop:
        visitor = await token(shop)
        for _ in range(RATE.burst):
            assert (await film(shop, visitor))[0] == 503
        status, answer = await film(shop, visitor)
        assert (status, answer["code"]) == (429, "too_many_requests")
