"""Dates and times of day in GS1's values (GS1 General Specifications 3.4, 7.12).

A year of two digits is within 50 years of whoever reads it; every such century's leap years are those of 2000 to 2099.
"""

from datetime import date
from typing import Final

_MONTHS: Final = 12


def date_problem(digits: str, *, month_alone: bool = False) -> str | None:
    """What is wrong with YYMMDD or YYYYMMDD; None if nothing is. `month_alone`: day 00 stands for the whole month."""
    year = int(digits[:-4]) + (2000 if len(digits) == 6 else 0)
    month, day = int(digits[-4:-2]), int(digits[-2:])
    if not 1 <= month <= _MONTHS:
        return f"there is no month {month:02}"
    if month_alone and day == 0:
        return None
    try:
        date(max(year, 1), month, day)
    except ValueError:
        return f"there is no day {day:02} in that month"
    return None
