"""A spreadsheet, a campaign a row, made a campaigns document: for people who write neither JSON nor expressions."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Final
from zoneinfo import ZoneInfo

from gateway.documents.presets import PRESETS
from gateway.documents.refusal import DocumentRefused
from gateway.model.time import rfc3339

MOST_ROWS: Final = 10_000

COLUMNS: Final[Mapping[str, str]] = {
    "id": "identifiant",
    "preset": "modèle",
    "zone": "zone",
    "product": "produit",
    "marker": "repère",
    "segment": "segment",
    "stores": "magasins",
    "from": "du",
    "until": "au",
    "days": "jours",
    "hours": "heures",
    "priority": "priorité",
    "group": "groupe",
    "category": "catégorie",
    "per_day": "par jour",
    "per_visit": "par visite",
    "budget": "budget",
    "channels": "canaux",
    "quiet": "silence",
    "percent": "remise %",
    "amount": "remise",
    "points": "points",
    "control": "témoin %",
    "title_fr": "titre fr",
    "body_fr": "texte fr",
    "title_en": "titre en",
    "body_en": "texte en",
}
"""Each column, in English and in French; all but `id` and `preset` may be left out, or empty."""

_DAYS: Final[Mapping[str, str]] = {
    **dict(zip(("mo", "tu", "we", "th", "fr", "sa", "su"), ("MO", "TU", "WE", "TH", "FR", "SA", "SU"), strict=True)),
    **dict(zip(("lu", "ma", "me", "je", "ve", "sa", "di"), ("MO", "TU", "WE", "TH", "FR", "SA", "SU"), strict=True)),
}
_NAME: Final = re.compile(r"[^\s/+#?]{1,64}")
_PLACED: Final = frozenset({"zone_entered", "zone_dwelled", "zone_left", "at_till", "queue_long"})
_ABOUT: Final = frozenset({"code_scanned", "tag_tapped", "seen_online", "near_wish", "sold_out_scanned"})
_SCANNED: Final = frozenset({"code_scanned", "tag_tapped"})

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Cell:
    """One value of the sheet, with where it stands: what a person is told when it will not do."""

    row: int
    column: str
    text: str

    def wrong(self, problem: str, hint: str) -> DocumentRefused:
        return DocumentRefused("invalid", problem, hint, key=f"row {self.row}, {self.column}")

    def number(self, least: float, most: float) -> float:
        try:
            value = float(self.text.replace(",", ".").rstrip("% "))
        except ValueError as error:
            raise self.wrong(f"“{self.text}” is no number", "Write digits only") from error
        if not least <= value <= most:
            raise self.wrong(f"{self.text} is not from {least:g} to {most:g}", "Correct it")
        return value

    def whole(self, least: int, most: int) -> int:
        value = self.number(least, most)
        if value != int(value):
            raise self.wrong(f"“{self.text}” is not a whole number", "Write one")
        return int(value)

    def day(self) -> date:
        for written in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                return datetime.strptime(self.text, written).date()  # noqa: DTZ007 a date has no time zone
            except ValueError:
                continue
        raise self.wrong(f"“{self.text}” is no date", "Write it as 2026-11-30 or 30/11/2026")

    def span(self) -> list[str]:
        begins, dash, ends = self.text.replace("–", "-").replace("h", ":").partition("-")
        if not dash:
            raise self.wrong(f"“{self.text}” is not from when until when", "Write it as 10:00-19:00")
        return [_clock(begins), _clock(ends)]

    def words(self) -> list[str]:
        return [word for part in self.text.replace(";", ",").split(",") for word in part.split()]


def sheet_document(text: str, serial: int, timezone: ZoneInfo) -> dict[str, object]:
    """The campaigns document of a sheet (CSV with commas, semicolons or tabs); its days are the shop's, of `timezone`.

    What the sheet cannot know (whether zones are there, whether words are translated) is left to `campaigns check`.

    Raises:
        DocumentRefused: a column that is not known, or a value that will not do, with its row and column.
    """
    campaigns: list[dict[str, object]] = []
    content: dict[str, object] = {}
    for number, row in _rows(text):
        cells = {column: _Cell(number, column, value) for column, value in row.items() if value}
        for column in ("id", "preset"):
            if column not in cells:
                raise _Cell(number, column, "").wrong("it is empty", "Each row needs one")
        name, preset = cells["id"].text, PRESETS.get(cells["preset"].text)
        if preset is None:
            raise cells["preset"].wrong(f"there is no preset “{cells['preset'].text}”", f"Write one of {_listed()}")
        if _NAME.fullmatch(name) is None:
            raise cells["id"].wrong(
                f"“{name}” is no id", "Write up to 64 letters and digits, no space and none of / + # ?"
            )
        if name in content:
            raise cells["id"].wrong(f"“{name}” is used twice", "Give each row its own")
        variants = [{"id": "a", "weight": 1, "content": name}]
        campaigns.append({"id": name, **_keys(preset.keys, cells, timezone), "variants": variants})
        content[name] = _spoken(preset.words, cells)
    if not campaigns:
        # Such a document would silence every campaign that runs.
        raise DocumentRefused("invalid", "it has no campaign", "Write a heading, and below it a row for each")
    return {"document": "campaigns", "serial": serial, "campaigns": campaigns, "content": content}


def _rows(text: str) -> Iterator[tuple[int, Row]]:
    """Each row that is not empty, with its number in the sheet, by English column."""
    text = text.removeprefix("\ufeff")
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [_column(written) for written in next(lines, [])]
        for values in lines:
            if not any(value.strip() for value in values):
                continue
            if len(values) > len(columns):
                problem = f"it has {len(values)} values for {len(columns)} columns"
                raise DocumentRefused("invalid", problem, "Put text with commas in quotes", key=f"row {lines.line_num}")
            if lines.line_num > MOST_ROWS:
                raise DocumentRefused("invalid", f"there are more than {MOST_ROWS} rows", "Make it several sheets")
            yield lines.line_num, {name: value.strip() for name, value in zip(columns, values, strict=False)}
    except csv.Error as error:
        raise DocumentRefused("malformed", f"it is no CSV: {error}", "Save it again as CSV (UTF-8)") from error


def _column(written: str) -> str:
    wanted = written.strip().lower().replace("_", " ")
    for english, french in COLUMNS.items():
        if wanted in {english.replace("_", " "), french}:
            return english
    problem, hint = f"there is no column “{written.strip()}”", f"Name each one of {', '.join(COLUMNS)}"
    raise DocumentRefused("invalid", problem, hint, key="row 1")


def _keys(keys: Mapping[str, object], cells: Mapping[str, _Cell], timezone: ZoneInfo) -> dict[str, object]:
    """The keys of a campaign: the preset's, with what the row says instead."""
    made: dict[str, object] = {**keys, **_where(keys, cells)}
    schedule = _schedule(cells, timezone)
    if schedule:
        made["schedule"] = schedule
    if "segment" in cells:
        made["audience"] = " || ".join(f"{_quoted(name)} in member.segments" for name in cells["segment"].words())
    caps = [make(cells[column]) for column, make in _CAPS.items() if column in cells]
    if caps:
        made["caps"] = caps
    given = [column for column in ("percent", "amount", "points") if column in cells]
    if len(given) > 1:
        raise cells[given[1]].wrong(f"the row has {' and '.join(given)}", "Keep one: a campaign gives one thing")
    for column, (key, make) in _PLAIN.items():
        if column in cells:
            made[key] = make(cells[column])
    if "quiet" in cells:
        channels = cells["channels"].words() if "channels" in cells else keys["channels"]
        span = cells["quiet"].span()
        made["quiet_hours"] = {str(channel): span for channel in _each(channels)}
    return made


def _where(keys: Mapping[str, object], cells: Mapping[str, _Cell]) -> dict[str, object]:
    ((moment, narrowed),) = _table(keys["trigger"]).items()
    made: dict[str, object] = {}
    narrower = dict(_table(narrowed))
    for column, moments in (("product", _ABOUT), ("marker", _SCANNED)):
        if column not in cells:
            continue
        if moment not in moments:
            raise cells[column].wrong(f"a campaign of this preset has no {column}", "Leave it empty, or take another")
        narrower[column] = cells[column].text
    if "zone" in cells:
        zones = cells["zone"].words()
        if moment in _PLACED and len(zones) == 1:
            narrower.pop("kind", None)
            narrower["zone"] = zones[0]
        else:
            made["zones"] = zones
    return made | {"trigger": {moment: narrower}}


def _schedule(cells: Mapping[str, _Cell], timezone: ZoneInfo) -> dict[str, object]:
    made: dict[str, object] = {}
    if "from" in cells:
        made["from"] = _midnight(cells["from"].day(), timezone)
    if "until" in cells:
        made["until"] = _midnight(cells["until"].day() + timedelta(days=1), timezone)
    if "days" in cells:
        made["rrule"] = f"FREQ=WEEKLY;BYDAY={','.join(_weekdays(cells['days']))}"
    if "hours" in cells:
        made["dayparts"] = [cells["hours"].span()]
    return made


def _weekdays(cell: _Cell) -> list[str]:
    days = [_DAYS.get(word.lower()[:2]) for word in cell.words()]
    if not days or None in days:
        raise cell.wrong(f"“{cell.text}” are no days of the week", "Write them as mo tu we, or lu ma me")
    return [day for day in days if day is not None]


def _spoken(words: Mapping[str, Mapping[str, str]], cells: Mapping[str, _Cell]) -> dict[str, dict[str, str]]:
    """The preset's words, or the row's where it has any: half of each would fit nothing."""
    written: dict[str, dict[str, str]] = {}
    for language in words:
        said = {part: cells[f"{part}_{language}"].text for part in ("title", "body") if f"{part}_{language}" in cells}
        if said and "title" not in said:
            raise cells[f"body_{language}"].wrong("it has no title", f"Fill in title_{language} too")
        if said:
            written[language] = said
    return written or {language: dict(said) for language, said in words.items()}


def _midnight(day: date, timezone: ZoneInfo) -> str:
    return rfc3339(datetime(day.year, day.month, day.day, tzinfo=timezone).timestamp())


def _clock(written: str) -> str:
    hours, _, minutes = written.strip().partition(":")
    return f"{hours.strip():0>2}:{minutes.strip() or '00':0>2}"


def _quoted(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _listed() -> str:
    return ", ".join(PRESETS)


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _each(values: object) -> Iterable[object]:
    return values if isinstance(values, list) else ()


_CAPS: Final[Mapping[str, Callable[[_Cell], dict[str, object]]]] = {
    "per_day": lambda cell: {"scope": "member", "max": cell.whole(1, 100), "per": "day"},
    "per_visit": lambda cell: {"scope": "visit", "max": cell.whole(1, 100)},
}
_PLAIN: Final[Mapping[str, tuple[str, Callable[[_Cell], object]]]] = {
    "stores": ("stores", _Cell.words),
    "priority": ("priority", lambda cell: cell.whole(-1000, 1000)),
    "group": ("exclusive_group", lambda cell: cell.text),
    "category": ("category", lambda cell: cell.text),
    "budget": ("budget", lambda cell: {"kind": "usage", "lease": cell.whole(0, 1_000_000_000)}),
    "channels": ("channels", _Cell.words),
    "percent": ("benefit", lambda cell: {"kind": "percent", "value": cell.number(0, 100)}),
    "amount": ("benefit", lambda cell: {"kind": "amount", "value": cell.number(0, 1e6)}),
    "points": ("benefit", lambda cell: {"kind": "points", "value": cell.whole(0, 1_000_000)}),
    "control": ("control_per_10000", lambda cell: round(cell.number(0, 100) * 100)),
}
