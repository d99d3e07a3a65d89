"""Opening hours of the floor plan."""

import pytest

from gateway.documents.floorplan import compile_floorplan
from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import OpeningHours

PLAN = """
[store]
id = "0042"
tenant = "acme"
timezone = "Europe/Paris"
{hours}
[[zones]]
id = "shoes"
kind = "aisle"
"""


def hours_of(written: str) -> OpeningHours | None:
    return compile_floorplan(PLAN.format(hours=written).encode()).opening_hours


def test_hours_are_by_weekday_with_days_off() -> None:
    written = 'opening_hours = { MO = [["09:00", "12:30"], ["14:00", "19:00"]], SU = [] }\nclosed = ["2026-12-25"]'
    by_weekday = {0: (("09:00", "12:30"), ("14:00", "19:00")), 6: ()}
    assert hours_of(written) == OpeningHours(by_weekday, frozenset({"2026-12-25"}))
    assert hours_of("") is None


@pytest.mark.parametrize(
    ("written", "key", "problem"),
    [
        ("opening_hours = { XX = [] }", "store.opening_hours.XX", "no weekday"),
        ('opening_hours = { MO = [["9", "10"]] }', "store.opening_hours.MO[0]", "not two times of day"),
        ('opening_hours = { MO = [["22:00", "02:00"]] }', "store.opening_hours.MO[0]", "past midnight"),
        ('opening_hours = { MO = [] }\nclosed = ["Sunday"]', "store.closed[0]", "no date"),
        ('closed = ["2026-12-25"]', "store.closed", "no hours in which it is open"),
    ],
)
def test_what_are_no_hours_is_said_with_its_key(written: str, key: str, problem: str) -> None:
    with pytest.raises(DocumentRefused, match=problem) as refused:
        hours_of(written)
    assert refused.value.key == key
