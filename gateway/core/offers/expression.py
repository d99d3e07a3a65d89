"""Audience expressions: for whom a campaign is, in the Common Expression Language (CEL)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import cel

from gateway.core.offers.segments import Token, segments_needed
from gateway.model.decision import Moment
from gateway.model.documents import PURPOSES, Member
from gateway.model.time import At

MAX_LENGTH: Final = 1000
"""Characters of an expression: what keeps judging one short."""

MAX_DEPTH: Final = 20
"""Brackets within brackets: what keeps reading one safe."""

FACTS: Final = {
    "member": frozenset({"segments", "languages", "minor", "purposes", "campaigns_seen"}),
    "visit": frozenset({"zone", "assurance", "dwell_s", "away_s"}),
}
"""All that an audience may ask: lists of text, `minor` a bool, `zone` empty where unknown.

`dwell_s` and `away_s` are in seconds, 0 where the moment has none.
"""

FUNCTIONS: Final = frozenset(
    {"size", "contains", "startsWith", "endsWith", "matches", "has", "int", "double", "string"}
    | {"all", "exists", "exists_one", "filter", "map"}
)
_SHOWN: Final = 30
"""Characters of an expression that a problem shows."""
_MACROS: Final = frozenset({"all", "exists", "exists_one", "filter", "map"})
_NOWHERE: Final = Moment(kind="checked_in", at=At(0.0, 0.0), subject=None, visit=None, zone=None)
_WORDS: Final = frozenset({"true", "false", "null", "in"})
_TOKEN: Final = re.compile(
    r"""(?P<skip>\s+|//[^\n]*)
    |(?P<text>[bBrR]{0,2}(?:\"\"\".*?\"\"\"|'''.*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<number>\d[\w.]*)
    |(?P<name>[A-Za-z_]\w*)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Audience:
    """A compiled audience: `source` is what was written; `admits` judges it.

    `segments`, where there are any: whoever is in none of them is not in the audience, whatever else it asks.
    """

    source: str
    program: cel.Program = field(repr=False, compare=False)
    segments: frozenset[str] = frozenset()

    def admits(self, member: Member | None, moment: Moment) -> bool | None:
        """Whether the expression holds, None where it cannot be judged (a wrong type, a missing entry)."""
        return Answers(member, moment).to(self)


class Answers:
    """The answers of one member and moment to audiences. What they may ask is put together once; so is each answer."""

    __slots__ = ("_context", "_known", "_member", "_moment")

    def __init__(self, member: Member | None, moment: Moment) -> None:
        self._member = member
        self._moment = moment
        self._context: cel.Context | None = None
        self._known: dict[str, bool | None] = {}

    def to(self, audience: Audience) -> bool | None:
        """Whether the audience admits, None where it cannot be judged (a wrong type, a missing entry)."""
        if audience.source not in self._known:
            if self._context is None:
                self._context = cel.Context(variables=_facts(self._member, self._moment))
            verdict = _verdict(audience.program, self._context)
            self._known[audience.source] = verdict if isinstance(verdict, bool) else None
        return self._known[audience.source]


def compile_audience(source: str) -> Audience:
    """The audience written as `source`.

    Raises:
        ValueError: it cannot be read, is too long or too deep, or names a fact or function that does not exist;
            it says which.
    """
    if len(source) > MAX_LENGTH:
        msg = f"it is {len(source)} characters long; at most {MAX_LENGTH} are allowed"
        raise ValueError(msg)
    tokens = tuple(_tokens(source))
    _check_depth(tokens)
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise ValueError(_unread(source, str(error))) from error
    _check_names(tokens)
    if not isinstance(_verdict(program, cel.Context(variables=_facts(None, _NOWHERE))), bool | None):
        msg = "it gives neither true nor false"
        raise ValueError(msg)
    return Audience(source, program, segments_needed(tokens))


def _verdict(program: cel.Program, context: cel.Context) -> object:
    try:
        return program.execute(context)
    except (ValueError, TypeError, LookupError, ArithmeticError, RuntimeError):
        return None


def _facts(member: Member | None, moment: Moment) -> dict[str, dict[str, object]]:
    known = member if member is not None else Member("", purposes=PURPOSES)
    return {
        "member": {
            "segments": list(known.segments),
            "languages": list(known.languages),
            "minor": known.minor,
            "purposes": sorted(known.purposes),
            "campaigns_seen": list(known.campaigns_seen),
        },
        "visit": {
            "zone": moment.zone or "",
            "assurance": moment.assurance.wire,
            "dwell_s": moment.dwell_s or 0.0,
            "away_s": moment.away_s or 0.0,
        },
    }


def _tokens(source: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(source):
        if found.lastgroup is not None and found.lastgroup != "skip":
            yield found.lastgroup, found[0]


def _check_depth(tokens: tuple[Token, ...]) -> None:
    depth = 0
    for _, text in tokens:
        depth += (text in {"(", "[", "{", "?"}) - (text in {")", "]", "}"})
        if depth > MAX_DEPTH:
            msg = f"its brackets are more than {MAX_DEPTH} deep"
            raise ValueError(msg)


def _check_names(tokens: tuple[Token, ...]) -> None:
    bound = _bound(tokens)
    padded = (("", ""), *tokens, ("", ""))
    for (_, before), (kind, name), (_, after) in zip(padded, padded[1:], padded[2:], strict=False):
        if kind != "name" or name in _WORDS:
            continue
        if after == "(":
            _check_one("function", name, FUNCTIONS)
        elif before != "." and name not in bound:
            _check_one("fact", name, frozenset(FACTS))
            if after != ".":
                msg = f"{name!r} alone is no fact: ask one of {_listed(FACTS[name], name)}"
                raise ValueError(msg)
    for (kind, root), (_, dot), (_, name) in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if kind == "name" and root in FACTS and dot == "." and name not in FACTS[root]:
            msg = f"{root}.{name} does not exist: there are {_listed(FACTS[root], root)}"
            raise ValueError(msg)


def _bound(tokens: tuple[Token, ...]) -> frozenset[str]:
    """The names that macros such as `exists(x, …)` bind: the first word after their bracket."""
    openings = pairwise(tokens)
    bound = frozenset(
        tokens[place + 2][1]
        for place, ((_, name), (_, sign)) in enumerate(openings)
        if name in _MACROS and sign == "(" and place + 2 < len(tokens)
    )
    return bound - frozenset(FACTS)


def _check_one(what: str, name: str, known: frozenset[str]) -> None:
    if name not in known:
        msg = f"{what} {name!r} does not exist: there are {', '.join(sorted(known))}"
        raise ValueError(msg)


def _listed(names: frozenset[str], root: str) -> str:
    return ", ".join(f"{root}.{name}" for name in sorted(names))


def _unread(source: str, error: str) -> str:
    """From where on an expression cannot be read, by the first place that the parser's `error` names."""
    place = re.search(r"<input>:(\d+):(\d+):", error)
    lines = source.split("\n")[int(place[1]) - 1 :] if place else [source]
    rest = " ".join("\n".join(lines)[int(place[2]) - 1 if place else 0 :].split())
    where = f"from “{rest[:_SHOWN]}” on" if rest else "to its end: something is missing there"
    return f"it cannot be read {where}; == compares, && and || join, and what is opened has to be closed"
