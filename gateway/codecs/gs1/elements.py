"""One element: an application identifier and its value, checked against the table."""

import re
from typing import Final

from gateway.codecs.gs1.characters import NAME_OF_TYPE, OF_TYPE
from gateway.codecs.gs1.content import CHECKS
from gateway.codecs.gs1.identifiers import IDENTIFIERS, Component, Identifier

Element = tuple[str, str]
"""An application identifier and its value, as in `("01", "09506000134352")`."""

MAX_ELEMENTS: Final = 64

_BASE_64: Final = re.compile(r"[\w-]+={0,2}", re.ASCII)


class Gs1Error(ValueError):
    """The text is not what GS1 writes; the message says where and why."""


def identifier_of(ai: str) -> Identifier:
    """The identifier of these digits.

    Raises:
        Gs1Error: there is none.
    """
    identifier = IDENTIFIERS.get(ai)
    if identifier is None:
        msg = f"there is no application identifier {ai!r}"
        raise Gs1Error(msg)
    return identifier


def check_value(identifier: Identifier, value: str) -> None:
    """Check `value` component by component.

    Raises:
        Gs1Error: it is too short or too long, or a component is wrong.
    """
    if not value:
        msg = f"AI {identifier.ai} has no value"
        raise Gs1Error(msg)
    left = value
    for component in identifier.components:
        if component.optional and not left:
            continue
        part, left = left[: component.longest], left[component.longest :]
        if problem := _problem(component, part):
            msg = f"AI {identifier.ai}: {problem}"
            raise Gs1Error(msg)
    if left:
        msg = f"AI {identifier.ai}: its value is {len(left)} characters too long"
        raise Gs1Error(msg)


def check_repeats(elements: list[Element]) -> None:
    """Check that no identifier stands twice with different values.

    Raises:
        Gs1Error: one does.
    """
    seen: dict[str, str] = {}
    for ai, value in elements:
        if seen.setdefault(ai, value) != value:
            msg = f"AI {ai} has two values"
            raise Gs1Error(msg)


def _problem(component: Component, part: str) -> str | None:
    if len(part) < component.shortest:
        return f"its value is {component.shortest - len(part)} characters too short"
    strange = next((character for character in part if character not in OF_TYPE[component.type]), None)
    if strange is not None:
        return f"{strange!r} is not {NAME_OF_TYPE[component.type]}"
    if component.type == "Z" and _BASE_64.fullmatch(part) is None:
        return "base64url has = at its end alone"
    return next((problem for name in component.checks if (problem := CHECKS[name](part))), None)
