"""Pictures that phones film: what a real child makes of frames, and what befalls it."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import pytest

from gateway.model.filmed import AGAIN, Filmed, Recognised, Unreadable
from gateway.model.sighting import PAGE, CodeText, OwnScan, Sighting
from gateway.runtime.errors import StorageUnavailable
from gateway.runtime.health import Health
from gateway.runtime.questions import NobodyAnswers, Questions
from gateway.sensing.camera.film import FilmSource
from gateway.sensing.camera.film_options import FilmOptions, problems
from gateway.sensing.source import Surroundings
from simulators.posters import View, poster, view

PATIENCE_S = 60.0
CLEARLY = View(0.3, 0.3, 0.3)


def jpeg(number: int | None, seed: int = 4) -> bytes:
    """What a phone sends of a poster, or of a room."""
    seen = view(None if number is None else poster(number), seed, CLEARLY)
    return cv2.imencode(".jpg", cv2.resize(seen, (960, 540), interpolation=cv2.INTER_AREA))[1].tobytes()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(3):
        cv2.imwrite(str(folder / f"P{number}.png"), poster(number))
    return folder


@dataclass
class Running:
    """A source at work; what the engine would answer is `outcome`."""

    source: FilmSource
    filmed: Questions[Filmed]
    health: Health
    outcome: object = ()
    seen: list[object] = field(default_factory=list)

    async def live(self) -> None:
        async with self.source:
            async for sensed in self.source:
                assert sensed.reply is not None
                self.seen.append(sensed.input)
                sensed.reply(self.outcome)

    async def ask(self, frame: bytes, who: str = "s1.visitor.a", member: str | None = None) -> object:
        return await self.filmed.ask(Filmed(frame, who, member), PATIENCE_S)

    async def until(self, code: str) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while code not in {each.code for each in self.health.conditions()}:
                await asyncio.sleep(0.02)

    async def until_answered(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not self.filmed.answered:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running(options: FilmOptions, folder: Path, **bounds: float) -> AsyncIterator[Running]:
    def no_document(path: Path, name: str) -> None:
        raise AssertionError(f"{path} {name}")

    around = Surroundings(folder, Health(), no_document)  # type: ignore[arg-type]
    run = Running(FilmSource(options, around, **bounds), around.filmed, around.health)
    living = asyncio.create_task(run.live())
    try:
        yield run
    finally:
        living.cancel()
        await asyncio.wait({living})


async def test_a_visitors_picture_is_told_as_nobodys_and_a_members_as_their_own(pictures: Path, tmp_path: Path) -> None:
    async with running(FilmOptions(pictures, cpu=1.0), tmp_path) as run:
        await run.until_answered()
        assert await run.ask(jpeg(1)) == Recognised("P1", ())
        assert await run.ask(jpeg(2), "m.ada", "ada") == Recognised("P2", ())
        assert await run.ask(jpeg(None)) is None
        assert await run.ask(jpeg(77)) is None, "a poster of the same campaign, of another shop"
        assert run.seen == [
            Sighting("code", PAGE, CodeText("picture", "P1")),
            Sighting("app", "app", OwnScan("ada", "picture", "P2")),
        ]
        assert "3 pictures are known" in run.health.conditions()[0].hint


async def test_a_frame_is_forgotten_once_it_is_answered(pictures: Path, tmp_path: Path) -> None:
    async with running(FilmOptions(pictures, cpu=1.0), tmp_path) as run:
        await run.until_answered()
        for number in (1, None):
            frame = jpeg(number)
            await run.ask(frame)
            gc.collect()
            assert [each for each in gc.get_objects() if isinstance(each, Filmed) and each.frame is frame] == []


async def test_the_same_picture_counts_once_for_each_who_films_it(pictures: Path, tmp_path: Path) -> None:
    async with running(FilmOptions(pictures, cpu=1.0), tmp_path) as run:
        await run.until_answered()
        assert await run.ask(jpeg(1)) == Recognised("P1", ())
        assert await run.ask(jpeg(1, seed=5)) == Recognised("P1", AGAIN)
        assert await run.ask(jpeg(1), "s1.visitor.b") == Recognised("P1", ())
        assert len(run.seen) == 2


async def test_what_cannot_be_looked_at_is_said_and_harms_nobody(pictures: Path, tmp_path: Path) -> None:
    async with running(FilmOptions(pictures, cpu=1.0), tmp_path) as run:
        await run.until_answered()
        answer = await run.ask(jpeg(1)[:200])
        assert isinstance(answer, Unreadable)
        run.outcome = StorageUnavailable("the disk is full", "free room")
        with pytest.raises(StorageUnavailable):
            await run.ask(jpeg(1))
        run.outcome = ()
        assert await run.ask(jpeg(1)) == Recognised("P1", ()), "it came to nothing, so it still counts"


async def test_whoever_still_waits_when_the_source_ends_is_refused_at_once(pictures: Path, tmp_path: Path) -> None:
    async with running(FilmOptions(pictures, cpu=1.0), tmp_path) as run:
        await run.until_answered()
        assert run.source.child_pid is not None
        os.kill(run.source.child_pid, signal.SIGSTOP)
        asked = [asyncio.create_task(run.ask(jpeg(1), who)) for who in ("s1.visitor.a", "s1.visitor.b")]
        await asyncio.sleep(0)
        while run.filmed.waiting > 1:
            await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE_S / 2):
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in answers] == [NobodyAnswers] * 2


@pytest.mark.parametrize(
    ("blow", "code", "hang_s"),
    [
        (signal.SIGKILL, "recogniser_lost", 60.0),
        pytest.param(signal.SIGSTOP, "recogniser_stuck", 5.0, marks=pytest.mark.slow),
    ],
)
async def test_another_child_recognises_pictures(
    pictures: Path, tmp_path: Path, blow: signal.Signals, code: str, hang_s: float
) -> None:
    async with running(FilmOptions(pictures, cpu=1.0), tmp_path, hang_s=hang_s, pause_s=0.2) as run:
        await run.until_answered()
        first = run.source.child_pid
        assert first is not None
        os.kill(first, blow)
        if blow == signal.SIGSTOP:
            with pytest.raises(NobodyAnswers):
                await run.ask(jpeg(1)[:200])
        await run.until(code)
        await run.until("recognising")
        await run.until_answered()
        assert await run.ask(jpeg(1)) == Recognised("P1", ())
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)


async def test_pictures_that_cannot_be_learned_are_a_condition_until_they_can(pictures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    async with running(FilmOptions(folder), tmp_path, pause_s=0.2) as run:
        await run.until("bad_pictures")
        with pytest.raises(NobodyAnswers):
            await run.ask(jpeg(1))
        (folder / "P1.png").write_bytes((pictures / "P1.png").read_bytes())
        await run.until_answered()
        assert await run.ask(jpeg(1)) == Recognised("P1", ())


def test_what_is_wrong_with_the_options(tmp_path: Path) -> None:
    wrong = FilmOptions(tmp_path / "none", 0.01, 0.0)
    assert [key for key, _, _ in problems(wrong)] == ["pictures", "cpu", "held_s"]
    assert problems(FilmOptions(tmp_path)) == []
