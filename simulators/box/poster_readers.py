"""Visitors who hold their phones to the shop's posters, as the page behind a marker lets them."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

import cv2
import httpx

from simulators.posters import View, poster, view

POSTERS: Final[Mapping[str, int]] = {"A7": 7, "E3": 3}
"""The markers that have a poster, and the seed that it is drawn from."""
EVERY_S: Final = 8.0
"""How often somebody stops at one (seconds)."""
SENT_PX: Final = (960, 540)
_PATIENCE_S: Final = 10.0
_STEADILY: Final = View(0.4, 0.3, 0.3)


def hang_posters(folder: Path) -> None:
    """Draw each poster into `folder`, named by its marker."""
    folder.mkdir()
    for marker, seed in POSTERS.items():
        cv2.imwrite(str(folder / f"{marker}.png"), poster(seed))


async def read_posters(url: str, every_s: float = EVERY_S) -> None:
    """One visitor after another films a poster, until cancelled; what the gateway at `url` refuses is left."""
    async with httpx.AsyncClient(base_url=url, timeout=_PATIENCE_S, trust_env=False) as client:
        for seed in count():
            await asyncio.sleep(every_s)
            with suppress(httpx.HTTPError):
                await _film(client, seed)


async def _film(client: httpx.AsyncClient, seed: int) -> None:
    visitor = (await client.post("/v1/visitors")).raise_for_status().json()
    held = list(POSTERS.values())[seed % len(POSTERS)]
    frame = await asyncio.to_thread(_frame, held, seed)
    headers = {"authorization": f"Bearer {visitor['token']}", "content-type": "image/jpeg"}
    (await client.post("/v1/pictures", content=frame, headers=headers)).raise_for_status()


def _frame(held: int, seed: int) -> bytes:
    """What a phone sends of a poster that is held up to it."""
    small = cv2.resize(view(poster(held), seed, _STEADILY), SENT_PX, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small)[1].tobytes()
