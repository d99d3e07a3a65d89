"""A spreadsheet of campaigns, as people save one, and the presets that its rows name."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.core.offers.review import review
from gateway.documents.campaigns import compile_campaigns
from gateway.documents.presets import PRESETS, preset_document
from gateway.documents.refusal import DocumentRefused
from gateway.documents.sheet import COLUMNS, sheet_document
from gateway.model.documents import Cap, Lease, Schedule
from gateway.model.time import from_rfc3339
from tests.architecture.tree import ROOT
from tests.core.offers import NOON, PLAN

PARIS = ZoneInfo("Europe/Paris")
FRENCH = (
    "\ufeffIdentifiant;Modèle;Zone;Segment;Du;Au;Jours;Heures;Par jour;Remise %;Témoin %;Canaux;Silence;"
    "Titre FR;Texte FR;Titre EN\r\n"
    "noel;welcome;shoes;sneakers vip;01/12/2026;24/12/2026;lu, ma;10h-19h30;1;12,5;10 %;push app;20h-9h;"
    '"Joyeux Noël; vraiment";"Une ligne\net une autre";Merry Christmas\r\n'
    ";;;\r\n"
)


def made(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(sheet_document(text, 7, PARIS)))
    return document


def refused(text: str) -> str:
    with pytest.raises(DocumentRefused) as caught:
        made(text)
    return str(caught.value)


def test_a_french_row_says_everything_that_a_campaign_needs() -> None:
    document = made(FRENCH)
    (noel,) = compile_campaigns(json.dumps(document).encode()).campaigns
    assert (noel.trigger.zone, noel.trigger.zone_kind) == ("shoes", None)
    assert noel.audience.source == "'sneakers' in member.segments || 'vip' in member.segments"
    assert noel.audience.segments == {"sneakers", "vip"}
    assert noel.schedule == Schedule(
        from_utc_s=from_rfc3339("2026-11-30T23:00:00Z"),
        until_utc_s=from_rfc3339("2026-12-24T23:00:00Z"),
        rrule={"FREQ": "WEEKLY", "BYDAY": "MO,TU"},
        dayparts=(("10:00", "19:30"),),
    )
    assert (noel.caps, noel.control_per_10000) == ((Cap("member", 1, "day"),), 1000)
    assert (noel.channels, noel.quiet_hours["push"]) == (("push", "app"), ("20:00", "09:00"))
    assert noel.benefit == {"kind": "percent", "value": 12.5}
    assert document["content"]["noel"]["fr"] == {"title": "Joyeux Noël; vraiment", "body": "Une ligne\net une autre"}
    assert document["content"]["noel"]["en"] == {"title": "Merry Christmas"}


def test_an_english_row_leaves_the_rest_to_its_preset() -> None:
    text = "id,preset,product,marker,stores,budget\ngo,stock-out,9506000134352,,0042 city,200\n"
    (go,) = compile_campaigns(json.dumps(made(text)).encode()).campaigns
    assert (go.trigger.moment, go.trigger.product) == ("sold_out_scanned", "09506000134352")
    assert (go.lease, go.stores, go.priority) == (Lease(200), frozenset({"0042", "city"}), 80)
    assert set(made(text)["content"]["go"]) == {"fr", "en"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,preset,colour\n", "row 1: there is no column “colour”"),
        ("id,preset\nx,\n", "row 2, preset: it is empty"),
        ("id,preset\na b,welcome\n", "row 2, id: “a b” is no id"),
        ("id,preset\nx,hello\n", "there is no preset “hello”"),
        ("id,preset\nx,welcome\nx,shelf\n", "row 3, id: “x” is used twice"),
        ("id,preset\nx,welcome,1\n", "row 2: it has 3 values for 2 columns"),
        ("id,preset,from\nx,welcome,soon\n", "row 2, from: “soon” is no date"),
        ("id,preset,days\nx,welcome,someday\n", "row 2, days: “someday” are no days of the week"),
        ("id,preset,hours\nx,welcome,10:00\n", "row 2, hours: “10:00” is not from when until when"),
        ("id,preset,percent\nx,welcome,120\n", "row 2, percent: 120 is not from 0 to 100"),
        ("id,preset,percent,points\nx,welcome,10,5\n", "row 2, points: the row has percent and points"),
        ("id,preset,per_day\nx,welcome,1.5\n", "row 2, per_day: “1.5” is not a whole number"),
        ("id,preset,product\nx,welcome,95\n", "row 2, product: a campaign of this preset has no product"),
        ("id,preset,body_en\nx,welcome,Hi\n", "row 2, body_en: it has no title"),
        ('id,preset\nx,"welcome\n', "it is no CSV"),
        ("", "it has no campaign"),
        ("id,preset\n,\n", "it has no campaign"),
    ],
)
def test_what_will_not_do_is_named_by_row_and_column(text: str, says: str) -> None:
    assert says in refused(text)


def test_a_segment_cannot_write_an_expression() -> None:
    text = "id,preset,segment\nx,welcome,a'||true||'\n"
    (campaign,) = compile_campaigns(json.dumps(made(text)).encode()).campaigns
    assert campaign.audience.source == "'a\\'||true||\\'' in member.segments"


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_is_in_order_in_a_shop(name: str) -> None:
    document = compile_campaigns(json.dumps(preset_document(name)).encode())
    assert review(document, PLAN, {}, NOON) == ()


def test_every_column_has_a_name_of_its_own_in_each_language() -> None:
    names = [*COLUMNS, *(french for english, french in COLUMNS.items() if french != english)]
    assert len(names) == len({name.replace("_", " ") for name in names})


def test_the_page_for_writers_has_every_preset_and_column_and_an_example_that_works() -> None:
    page = (ROOT / "docs" / "campaigns.md").read_text(encoding="utf-8")
    for name in (*PRESETS, *COLUMNS):
        assert f"`{name}`" in page, name
    assert all(french in page for french in COLUMNS.values())
    example = page.partition("```csv\n")[2].partition("```")[0]
    noel, rayon = compile_campaigns(json.dumps(made(example)).encode()).campaigns
    assert noel.audience.segments == {"sneakers"}
    assert rayon.zones == {"chaussures"}
