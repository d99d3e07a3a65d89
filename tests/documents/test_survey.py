"""The survey file: read back as it was written, and refused by the key that is wrong."""

from pathlib import Path

import pytest

from gateway.documents.refusal import DocumentRefused
from gateway.documents.survey import compile_survey, load_survey, write_survey
from gateway.model.survey import Heard, Survey, SurveyPoint

SURVEY = Survey(
    "0042",
    (
        SurveyPoint("shoes", (3.2, 14.1), 94, {"gw-1": Heard({-66: 3, -61: 5})}),
        SurveyPoint("coats", None, 1, {"ibeacon:u/1/2": Heard({-88: 1})}),
    ),
)


def test_what_is_written_is_read_back() -> None:
    assert compile_survey(write_survey(SURVEY).encode()) == SURVEY


@pytest.mark.parametrize(
    ("right", "wrong", "key"),
    [
        ('"scans": 94', '"scans": 0', "points[0].scans"),
        ('"-66": 3', '"-66": 0', "points[0].heard.gw-1.-66"),
        ('"-66": 3', '"-400": 3', "points[0].heard.gw-1.-400.[key]"),
        ('{"-88": 1}', "{}", "points[1].heard.ibeacon:u/1/2"),
        ('"shoes"', '""', "points[0].zone"),
        ('"version": 2', '"version": 1', "version"),
    ],
)
def test_what_is_wrong_is_named(right: str, wrong: str, key: str) -> None:
    text = write_survey(SURVEY).replace(right, wrong)
    with pytest.raises(DocumentRefused) as refused:
        compile_survey(text.encode())
    assert refused.value.key == key


def test_the_survey_of_another_shop_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "survey.json"
    file.write_text(write_survey(SURVEY))
    assert load_survey(file, "0042") == SURVEY
    with pytest.raises(DocumentRefused, match="made in the store '0042', and this is '0043'") as refused:
        load_survey(file, "0043")
    assert (refused.value.code, refused.value.document) == ("wrong_store", "survey.json")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentRefused, match="there is no file"):
        load_survey(tmp_path / "survey.json", "0042")
