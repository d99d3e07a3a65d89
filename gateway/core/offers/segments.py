"""Segments that an audience cannot do without: what a campaign is found by before its expression is judged."""

import re
from collections.abc import Iterator
from typing import Final

Token = tuple[str, str]
"""(kind, text) of a word or sign of an expression; kinds are `text`, `number`, `name` and `sign`."""

_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")
_MEMBER_SEGMENTS: Final = (("name", "in"), ("name", "member"), ("sign", "."), ("name", "segments"))


def segments_needed(tokens: tuple[Token, ...]) -> frozenset[str]:
    """The segments of which a member must be in at least one; empty where the expression asks for none in particular.

    Found where `'x' in member.segments`, or several of them joined by `||`, is the expression or a part that `&&`
    joins to the rest. Of several such parts the one with the fewest segments.
    """
    parts = _split(_bare(tokens), "&")
    asked = [needed for part in parts if (needed := _any_of(_bare(part)))]
    return min(asked, key=len, default=frozenset())


def _any_of(tokens: tuple[Token, ...]) -> frozenset[str]:
    names = [_one(_bare(part)) for part in _split(tokens, "|")]
    return frozenset(name for name in names if name is not None) if None not in names else frozenset()


def _one(tokens: tuple[Token, ...]) -> str | None:
    if len(tokens) != 1 + len(_MEMBER_SEGMENTS) or tokens[1:] != _MEMBER_SEGMENTS:
        return None
    kind, text = tokens[0]
    plain = kind == "text" and re.fullmatch(r"'[^'\\]*'|\"[^\"\\]*\"", text) is not None
    return text[1:-1] if plain else None


def _split(tokens: tuple[Token, ...], sign: str) -> list[tuple[Token, ...]]:
    """What a doubled sign joins outside of brackets; all in one piece where something that binds less does so too."""
    parts = [0]
    for place, depth, text in _outline(tokens):
        if depth:
            continue
        if text == "?" or (sign == "&" and text == "|"):
            return [tokens]
        if text == sign and tokens[place + 1 : place + 2] == (("sign", sign),):
            parts.append(place)
    ends = [*parts[1:], len(tokens)]
    return [tokens[begin + 2 if begin else 0 : end] for begin, end in zip(parts, ends, strict=True)]


def _bare(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Without the brackets around all of it."""
    while len(tokens) > 2 and tokens[0][1] == "(" and tokens[-1][1] == ")":
        if any(depth == 0 for place, depth, _ in _outline(tokens) if place < len(tokens) - 1):
            break
        tokens = tokens[1:-1]
    return tokens


def _outline(tokens: tuple[Token, ...]) -> Iterator[tuple[int, int, str]]:
    """(place, depth, text) of each sign; a closing bracket has the depth that it leaves."""
    depth = 0
    for place, (kind, text) in enumerate(tokens):
        if kind != "sign":
            continue
        depth += (text in _OPENING) - (text in _CLOSING)
        yield place, depth, text
