"""Posters held up to a camera: the right one, or none."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from gateway.vision.gallery import MOST_PICTURES, BadPictures, Gallery, learn
from gateway.vision.watcher import PICTURES_EVERY, Watcher
from simulators.posters import View, poster, view

POSTERS = 12


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    cv2.setNumThreads(1)
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(POSTERS):
        cv2.imwrite(str(folder / f"P{number}.png"), poster(number))
    return learn(folder, lambda: None)


def test_the_right_one_is_recognised_in_nearly_every_view(gallery: Gallery) -> None:
    shown = [gallery.recognise(view(poster(seed % POSTERS), seed)) for seed in range(3 * POSTERS)]
    markers = [None if each is None else each.marker for each in shown]
    assert all(marker in (None, f"P{seed % POSTERS}") for seed, marker in enumerate(markers))
    assert markers.count(None) <= 2


def test_a_room_and_other_posters_of_the_campaign_are_none(gallery: Gallery) -> None:
    for seed in range(2 * POSTERS):
        stranger = poster(1000 + seed) if seed % 2 else None
        assert gallery.recognise(view(stranger, 5000 + seed)) is None


def test_where_it_is(gallery: Gallery) -> None:
    frame = np.full((720, 1280), 128, np.uint8)
    frame[20:700, 300:780] = poster(3)
    shown = gallery.recognise(frame)
    assert shown is not None
    assert shown.marker == "P3"
    assert np.abs(shown.corners - [(300, 20), (780, 20), (780, 700), (300, 700)]).max() < 6


def test_a_watcher_tells_a_picture_that_two_looks_agree_on(gallery: Gallery) -> None:
    watcher = Watcher(gallery)
    frame = view(poster(5), 1, View(0.2, 0.2, 0.2))
    told = [[(each.symbology, each.text) for each in watcher.look(frame)] for _ in range(2 * PICTURES_EVERY)]
    assert told == [[]] * (2 * PICTURES_EVERY - 1) + [[("picture", "P5")]]


def test_pictures_that_will_not_do(tmp_path: Path) -> None:
    def alive() -> None: ...

    with pytest.raises(BadPictures, match="holds 0 pictures"):
        learn(tmp_path, alive)
    cv2.imwrite(str(tmp_path / "plain.png"), np.full((300, 200), 255, np.uint8))
    with pytest.raises(BadPictures, match=r"plain\.png: it has too little"):
        learn(tmp_path, alive)
    (tmp_path / "plain.png").write_bytes(b"none")
    with pytest.raises(BadPictures, match=r"plain\.png: it is no picture"):
        learn(tmp_path, alive)
    for number in range(MOST_PICTURES):
        (tmp_path / f"{number}.png").touch()
    with pytest.raises(BadPictures, match="201 pictures"):
        learn(tmp_path, alive)
