"""Amounts of money and of points: decimal, so that a sum is right, and a limit holds, to the last cent.

JSON has one kind of number, which its readers take for a double (RFC 8259, section 6). The shortest text of that double
is what was written, where this has up to 15 digits: `exact` reads an amount by it, and `float` is how one is written.
"""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

Amount = Decimal
"""In the currency of whoever tells it, or in points."""

NOTHING: Final = Amount(0)
DECIMALS: Final = 4
"""Of what is added up: no currency has more (ISO 4217, UYW)."""
LARGEST: Final = 1_000_000_000
"""The largest amount, below zero and above, that may be added up."""
NOISE: Final = Decimal("1e-6")
"""A till that adds up in doubles is off by less: what it meant is told by `DECIMALS`."""
LARGEST_TOTAL: Final = 100_000_000_000
"""A sum stays here: of one that is larger a double does not hold every decimal."""

_LAST_PLACE: Final = Decimal((0, (1,), -DECIMALS))
_DECIMAL: Final = Context(prec=28, rounding=ROUND_HALF_UP)


def exact(number: float) -> Amount:
    """The amount that a number of a document or message says, digit for digit: 0.1 is a tenth."""
    return Decimal(repr(float(number)))


def amount_of(number: float) -> Amount:
    """The amount that a number says, fit to be added up.

    Raises:
        ValueError: it is larger than `LARGEST`, or has more than `DECIMALS` decimals (of more than `NOISE`); says
            what to write.
    """
    if not -LARGEST <= number <= LARGEST:
        msg = f"write at most {LARGEST:,}"
        raise ValueError(msg)
    amount = rounded(number)
    if abs(amount - exact(number)) > NOISE:
        msg = f"write at most {DECIMALS} decimals"
        raise ValueError(msg)
    return amount


def rounded(number: float) -> Amount:
    """The amount that a kept number says, to the last decimal (half up): earlier versions kept more of them."""
    return _within(exact(number))


def number_of(amount: Amount | None) -> float | None:
    """How an amount is told; None where there is none to tell."""
    return None if amount is None else float(amount)


def total(one: Amount, other: Amount) -> Amount:
    """The sum of two amounts."""
    return _within(_DECIMAL.add(one, other))


def _within(amount: Amount) -> Amount:
    held = max(Amount(-LARGEST_TOTAL), min(amount, Amount(LARGEST_TOTAL)))
    return held.quantize(_LAST_PLACE, context=_DECIMAL)
