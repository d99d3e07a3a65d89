"""The survey file: what a calibration walk taught, as JSON that `survey` writes and the gateway reads."""

import json
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from gateway.documents.form import Form, Name, fill_json, invalid
from gateway.documents.refusal import DocumentRefused
from gateway.model.survey import Heard, Survey, SurveyPoint

DOCUMENT: Final = "survey"
VERSION: Final = 2
MAX_BYTES: Final = 16 * 1024 * 1024
"""Of a file that is read: an hour's walk makes about a tenth of it."""

Metres = Annotated[float, Field(ge=-1e6, le=1e6)]
Levels = Annotated[dict[Annotated[int, Field(ge=-128, le=20)], Annotated[int, Field(ge=1)]], Field(min_length=1)]


class _PointForm(Form):
    zone: Name
    at: tuple[Metres, Metres] | None = None
    scans: int = Field(ge=1)
    heard: dict[str, Levels]


class _SurveyForm(Form):
    document: Literal["survey"]
    version: Literal[2]
    store: Name
    points: list[_PointForm] = Field(min_length=1, max_length=100_000)


def compile_survey(raw: bytes) -> Survey:
    """The survey written as JSON in `raw`.

    Raises:
        DocumentRefused: `malformed` or `invalid`, with the key that is wrong.
    """
    try:
        form = fill_json(_SurveyForm, raw, DOCUMENT)
    except DocumentRefused as refused:
        if refused.key == "version":
            hint = "Make it again from its calibration walk: `survey`"
            raise invalid(DOCUMENT, "version", f"this gateway reads version {VERSION}", hint) from refused
        raise
    return Survey(form.store, tuple(_point(point) for point in form.points))


def write_survey(survey: Survey) -> str:
    """The file's text: a line a point, so that two surveys can be compared."""
    points = ",\n".join(json.dumps(_written(point), ensure_ascii=False) for point in survey.points)
    head = {"document": DOCUMENT, "version": VERSION, "store": survey.store}
    return f'{json.dumps(head)[:-1]}, "points": [\n{points}\n]}}\n'


def load_survey(path: Path, store: str) -> Survey:
    """The survey of the file `path`, made in `store`.

    Raises:
        DocumentRefused: naming the file: `missing`, `unreadable`, `too_large`, `wrong_store`, or as `compile_survey`.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            problem = f"it has more than {MAX_BYTES // 1024 // 1024} MiB"
            raise DocumentRefused("too_large", problem, "Survey for an hour at most")
        survey = compile_survey(path.read_bytes())
        if survey.store != store:
            problem = f"it was made in the store {survey.store!r}, and this is {store!r}"
            raise DocumentRefused("wrong_store", problem, "Give the survey of this shop", key="store")
    except FileNotFoundError as error:
        raise DocumentRefused(
            "missing", f"there is no file {path}", "Correct the path, or make it: `survey`"
        ) from error
    except OSError as error:
        problem = f"it cannot be read: {error.strerror}"
        raise DocumentRefused("unreadable", problem, "Correct its rights or the path") from error
    except DocumentRefused as refused:
        raise refused.within(path.name) from refused
    return survey


def _point(form: _PointForm) -> SurveyPoint:
    return SurveyPoint(form.zone, form.at, form.scans, {anchor: Heard(levels) for anchor, levels in form.heard.items()})


def _written(point: SurveyPoint) -> dict[str, object]:
    at = {} if point.at is None else {"at": list(point.at)}
    heard = {anchor: dict(sorted(one.levels.items())) for anchor, one in point.heard.items()}
    return {"zone": point.zone, **at, "scans": point.scans, "heard": heard}
