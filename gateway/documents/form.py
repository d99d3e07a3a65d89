"""The edge: what a document may hold, checked by pydantic and refused in words for a person."""

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.documents.refusal import DocumentRefused


class Form(BaseModel):
    """Keys that a document may hold: unknown ones are refused, and nothing is turned from one type into another."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


AnyForm = TypeVar("AnyForm", bound=Form)

Name = Annotated[str, Field(pattern=r"^[^\s/+#?]{1,64}$")]
"""An id: it goes into topics, paths and subjects, so it has no space and none of `/ + # ?`."""

LanguageTag = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
"""A language tag (RFC 5646): `fr`, `en-GB`, `zh-Hant`."""


_PLAIN: Final = {
    "extra_forbidden": ("this key is not known", "Correct its spelling or remove it"),
    "missing": ("this key is missing", "Add it"),
}
"""Of pydantic's errors that need no value: what is wrong, and what to do."""
_BOUNDS: Final = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
"""Of pydantic's errors about a bound: where it is in the context, and what to write of it."""


def fill(form: type[AnyForm], content: object, document: str, within: str = "") -> AnyForm:
    """`content` as a `form` of `document`; `within` is the key path that leads to it.

    Raises:
        DocumentRefused: `invalid`, naming the first key that is unknown, missing or wrong.
    """
    try:
        return form.model_validate(content)
    except ValidationError as error:
        raise _refused(error, document, within) from error


def fill_json(form: type[AnyForm], content: bytes, document: str, within: str = "") -> AnyForm:
    """As `fill`, of JSON text.

    Raises:
        DocumentRefused: `malformed` or `invalid`.
    """
    try:
        return form.model_validate_json(content)
    except ValidationError as error:
        raise _refused(error, document, within) from error


def read_json(content: bytes, document: str) -> object:
    """The value of a JSON document in which no object has a key twice, and every number is one.

    Raises:
        DocumentRefused: `malformed`.
    """
    try:
        return json.loads(content, **STRICT)
    except (ValueError, RecursionError) as error:
        problem = f"it is not JSON: {error}"
        raise DocumentRefused(
            "malformed", problem, "Write it as one JSON object in UTF-8", document=document
        ) from error


def invalid(document: str, key: str, problem: str, hint: str) -> DocumentRefused:
    """The refusal of one value, of code `invalid`."""
    return DocumentRefused("invalid", problem, hint, document=document, key=key)


def key_path(steps: Sequence[int | str]) -> str:
    """`("zones", 2, "polygon")` as `zones[2].polygon`."""
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, for JSON's decoder.

    Raises:
        ValueError: a key is there twice.
    """
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            msg = f"the key {key!r} is there twice"
            raise ValueError(msg)
        seen[key] = value
    return seen


def _finite(written: str) -> float:
    """A number with a point or an exponent, for JSON's decoder, which takes `NaN` and `Infinity` too (RFC 8259, 6).

    Raises:
        ValueError: it is none, or too large to be told again.
    """
    value = float(written)
    if not isfinite(value):
        msg = f"{written} is no number, or too large a one"
        raise ValueError(msg)
    return value


STRICT: Final[Mapping[str, Any]] = {
    "object_pairs_hook": _distinct,
    "parse_float": _finite,
    "parse_constant": _finite,
}
"""How JSON of documents is decoded."""


def _refused(error: ValidationError, document: str, within: str) -> DocumentRefused:
    first = error.errors(include_url=False, include_input=False)[0]
    path = key_path(first["loc"])
    key = f"{within}{'.' if within and path and not path.startswith('[') else ''}{path}"
    match first["type"]:
        case plain if plain in _PLAIN:
            return invalid(document, key, *_PLAIN[plain])
        case "json_invalid":
            return DocumentRefused("malformed", first["msg"], "Write one JSON object", document=document, key=key)
        case "string_pattern_mismatch":
            problem = f"the value is not of the form {first['ctx']['pattern']}"
            return invalid(document, key, problem, "Write it in that form")
        case kind:
            problem = first["msg"].replace("Input should", "the value should")
            return invalid(document, key, problem, _hint(kind, first.get("ctx", {})))


def _hint(kind: str, context: Mapping[str, Any]) -> str:
    """What to write in place of a value that pydantic has this error about."""
    if kind in _BOUNDS:
        limit, wanted = _BOUNDS[kind]
        return f"Write {wanted} {context[limit]:.15g}"
    if kind == "literal_error":
        return "Write one of these" if " or " in context["expected"] else "Write that, or name another file"
    return "Correct the value"
