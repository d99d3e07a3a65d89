"""Visitors of the shop in a box film its posters, and a real gateway knows them."""

import asyncio
from pathlib import Path

from simulators.box.poster_readers import hang_posters, read_posters
from tests.web.shop import open_shop, served
from tests.web.test_pictures import recognised, told

PATIENCE_S = 60.0


async def test_a_poster_that_a_visitor_films_is_told(tmp_path: Path) -> None:
    posters = tmp_path / "posters"
    hang_posters(posters)
    async with open_shop(tmp_path) as shop, recognised(shop, posters), served(shop.site) as port:
        reading = asyncio.create_task(read_posters(f"http://127.0.0.1:{port}", every_s=0.05))
        async with asyncio.timeout(PATIENCE_S):
            while (None, "A7") not in {(event.subject, event.data["marker"]) for event in told(shop)}:
                await asyncio.sleep(0.02)
        reading.cancel()
        await asyncio.wait({reading})
