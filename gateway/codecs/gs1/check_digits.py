"""GS1's check digit and check character pair.

Source: GS1 General Specifications 7.9.1 (modulo 10) and 7.9.5 (the pair of a Global Model Number).
"""

from typing import Final

from gateway.codecs.gs1.characters import CSET_82, is_decimal

_PAIR: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_MAX_COVERED: Final = 97
_WEIGHTS: Final = tuple(n for n in range(2, 510) if all(n % divisor for divisor in range(2, n)))[:_MAX_COVERED]
"""The primes, in turn from the right; a Global Model Number has 23 characters before its pair."""
_MODULUS: Final = 1021


def check_digit(digits: str) -> str:
    """The digit that `digits`, decimal, lack at their end: weights 3 and 1 in turn from the right, modulo 10."""
    weighted = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)


def check_digit_holds(digits: str) -> bool:
    """Whether the last of `digits` is right for the others."""
    return len(digits) > 1 and is_decimal(digits) and check_digit(digits[:-1]) == digits[-1]


def check_pair(characters: str) -> str:
    """The two characters that `characters` lack at their end.

    Raises:
        ValueError: a character is outside set 82, or there are more than 97.
    """
    if len(characters) > len(_WEIGHTS):
        msg = f"{len(characters)} characters, and a check pair covers at most {len(_WEIGHTS)}"
        raise ValueError(msg)
    total = sum(
        CSET_82.index(character) * weight for character, weight in zip(reversed(characters), _WEIGHTS, strict=False)
    )
    high, low = divmod(total % _MODULUS, len(_PAIR))
    return _PAIR[high] + _PAIR[low]


def check_pair_holds(characters: str) -> bool:
    """Whether the last two of `characters` are right for the others."""
    try:
        return check_pair(characters[:-2]) == characters[-2:]
    except ValueError:
        return False
