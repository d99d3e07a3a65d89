"""What a component of a value must be beyond its characters and length, by the name that the table gives it.

A check answers what is wrong, or None. Source: GS1 Barcode Syntax Dictionary and its syntax tests (GS1 AISBL, 2025);
GS1 General Specifications 3 and 7.
"""

import re
from collections.abc import Callable
from typing import Final

from gateway.codecs.gs1.characters import CSET_64
from gateway.codecs.gs1.check_digits import check_digit, check_digit_holds, check_pair_holds
from gateway.codecs.gs1.code_lists import COUNTRIES, COUNTRY_NUMBERS, CURRENCY_NUMBERS, PACKAGE_TYPES
from gateway.codecs.gs1.coupons import CouponError, check_coupon, check_positive_offer
from gateway.codecs.gs1.dates import date_problem

Check = Callable[[str], str | None]

_COMPANY_PREFIX: Final = re.compile(r"[0-9]{4}")
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PLACE: Final = re.compile(r"([1-9])/([1-9])")
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9A-Z]{9,}")
_MEDIA: Final = frozenset(f"{number:02}" for number in (*range(1, 11), *range(80, 100)))


def _check_digit(digits: str) -> str | None:
    if check_digit_holds(digits):
        return None
    return f"the check digit of {digits} is wrong: {digits[-1]}, not {check_digit(digits[:-1])}"


def _company_prefix(value: str) -> str | None:
    return None if _COMPANY_PREFIX.match(value) else "it does not begin with the digits of a GS1 company prefix"


def _below(limit: int, unit: str) -> Check:
    return lambda digits: None if int(digits) < limit else f"there is no {unit} {digits}"


def _one_of(allowed: frozenset[str], what: str) -> Check:
    return lambda value: None if value in allowed else f"{value} is not {what}"


def _hour_and_minute(digits: str) -> str | None:
    return _below(24, "hour")(digits[:2]) or _below(60, "minute")(digits[2:])


def _piece_of_total(digits: str) -> str | None:
    piece, total = int(digits[:2]), int(digits[2:])
    return None if 1 <= piece <= total else f"there is no piece {piece} of {total}"


def _iban(value: str) -> str | None:
    if _IBAN.fullmatch(value) is None or value[:2] not in COUNTRIES:
        return "an IBAN is a country's two letters, then at least nine digits and capital letters"
    rearranged = "".join(str(int(character, 36)) for character in value[4:] + value[:4])
    return None if int(rearranged) % 97 == 1 else "the check digits of the IBAN are wrong"


def _place_in_sequence(value: str) -> str | None:
    found = _PLACE.fullmatch(value)
    return None if found and found[1] <= found[2] else f"{value} is no place in a sequence, such as 1/2"


def _coupon(check: Callable[[str], None]) -> Check:
    def problem(value: str) -> str | None:
        try:
            check(value)
        except CouponError as error:
            return str(error)
        return None

    return problem


CHECKS: Final[dict[str, Check]] = {
    "csum": _check_digit,
    "csumalpha": lambda value: None if check_pair_holds(value) else "its two check characters are wrong",
    "key": _company_prefix,
    "keyoff1": lambda value: _company_prefix(value[1:]),
    "hasnondigit": lambda value: "it is digits alone" if value.isdecimal() else None,
    "yymmdd": date_problem,
    "yyyymmdd": date_problem,
    "yymmd0": lambda digits: date_problem(digits, month_alone=True),
    "hh": _below(24, "hour"),
    "mi": _below(60, "minute"),
    "ss": _below(60, "second"),
    "hhmi": _hour_and_minute,
    "iso3166": _one_of(COUNTRY_NUMBERS, "the number of a country"),
    "iso3166999": _one_of(COUNTRY_NUMBERS | {"999"}, "the number of a country, nor 999"),
    "iso3166alpha2": _one_of(COUNTRIES, "the two letters of a country"),
    "iso4217": _one_of(CURRENCY_NUMBERS, "the number of a currency"),
    "iso5218": _one_of(frozenset("0129"), "0, 1, 2 or 9"),
    "yesno": _one_of(frozenset("01"), "0 or 1"),
    "winding": _one_of(frozenset("019"), "0, 1 or 9"),
    "zero": _one_of(frozenset("0"), "0"),
    "hyphen": _one_of(frozenset("-"), "a hyphen"),
    "importeridx": _one_of(frozenset(CSET_64) - {"="}, "an importer's index"),
    "mediatype": _one_of(_MEDIA, "a medium: 01 to 10, 80 to 99"),
    "packagetype": _one_of(PACKAGE_TYPES, "a kind of package"),
    "nonzero": lambda digits: None if int(digits) else "it is zero",
    "nozeroprefix": lambda digits: "it begins with 0" if len(digits) > 1 and digits.startswith("0") else None,
    "pieceoftotal": _piece_of_total,
    "latitude": _below(1_800_000_001, "latitude"),
    "longitude": _below(3_600_000_001, "longitude"),
    "pcenc": lambda value: "a % is not followed by two hex digits" if _STRAY_PERCENT.search(value) else None,
    "iban": _iban,
    "posinseqslash": _place_in_sequence,
    "couponcode": _coupon(check_coupon),
    "couponposoffer": _coupon(check_positive_offer),
}
