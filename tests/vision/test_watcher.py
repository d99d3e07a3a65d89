"""Frame after frame: cheap looks in turn, and second ones that are rare."""

import numpy as np
import zxingcpp
from zxingcpp import BarcodeFormat as Format

from gateway.vision.code import Gray
from gateway.vision.pace import Pace
from gateway.vision.watcher import LOOKS, SECOND_EVERY, Watcher


def frame(text: str, kind: Format, *, negative: bool = False) -> Gray:
    picture = np.array(zxingcpp.create_barcode(text, kind).to_image(scale=4))
    made = np.full((720, 1280), 255, np.uint8)
    rows, columns = picture.shape
    made[200 : 200 + rows, 300 : 300 + columns] = picture
    return 255 - made if negative else made


def texts(watcher: Watcher, gray: Gray, frames: int) -> list[list[str]]:
    return [[each.text for each in watcher.look(gray)] for _ in range(frames)]


def test_a_qr_code_is_seen_in_every_frame_and_where() -> None:
    watcher = Watcher()
    found = [watcher.look(frame("A7", Format.QRCode)) for _ in range(len(LOOKS))]
    assert [[each.text for each in seen] for seen in found] == [["A7"]] * len(LOOKS)
    assert abs(found[0][0].x - 0.27) < 0.02
    assert abs(found[0][0].y - 0.34) < 0.02


def test_a_bar_code_counts_when_two_frames_agree() -> None:
    seen = texts(Watcher(), frame("4006381333931", Format.EAN13), 8)
    first = next(number for number, each in enumerate(seen) if each)
    assert 1 <= first <= 4
    assert all(each in ([], ["4006381333931"]) for each in seen)


def test_data_matrix_and_light_on_dark_come_in_their_turn() -> None:
    assert ["dm"] in texts(Watcher(), frame("dm", Format.DataMatrix), 8)
    assert ["A7"] in texts(Watcher(), frame("A7", Format.QRCode, negative=True), 4)


def test_gs1_keeps_its_symbology_identifier() -> None:
    picture = np.array(
        zxingcpp.create_barcode("(01)09506000134352(10)AB", Format.Code128, gs1=True).to_image(scale=3)  # type: ignore[call-arg]
    )
    made = np.pad(picture, 60, constant_values=255)
    assert ["]C1010950600013435210AB"] in texts(Watcher(), made, 8)


def test_a_spoiled_code_costs_a_second_look_in_one_frame_of_ten() -> None:
    spoiled = frame("https://shop.example/m/A7?with=more", Format.QRCode)
    rows, columns = np.nonzero(spoiled < 128)
    middle = slice(rows.min() + 30, rows.max() - 30), slice(columns.min() + 30, columns.max() - 30)
    spoiled[middle] = np.random.default_rng(1).integers(0, 2, spoiled[middle].shape, np.uint8) * 255
    watcher = Watcher()
    looks = []
    for number in range(3 * SECOND_EVERY):
        assert watcher.look(spoiled) == []
        if watcher._second_at == number + 1:
            looks.append(number)
    assert looks == [0, SECOND_EVERY, 2 * SECOND_EVERY]


def test_the_pace_keeps_to_rate_and_budget() -> None:
    pace = Pace(frames_per_s=10, cpu=0.25)
    assert pace.is_due(0.0)
    pace.looked(0.0, 0.01)
    assert not pace.is_due(0.099)
    assert pace.is_due(0.1)
    pace.looked(0.1, 0.11)
    assert not pace.is_due(0.49)
    assert pace.is_due(0.5)
