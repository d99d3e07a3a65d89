"""Triggers of campaigns: `{"zone_entered": {"kind": "entrance"}}`."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import Field

from gateway.documents.form import Form, Name, fill, invalid
from gateway.documents.gtin import gtin_14
from gateway.documents.refusal import DocumentRefused
from gateway.model.documents import Trigger


class _Anything(Form):
    pass


class _ZoneForm(Form):
    zone: Name | None = None
    kind: Name | None = None


class _DwellForm(_ZoneForm):
    after_s: float = Field(gt=0, le=86_400)


class _CodeForm(Form):
    marker: Name | None = None
    product: str | None = None


class _ProductForm(Form):
    product: str | None = None


class _WishForm(_ProductForm):
    after_s: float | None = Field(default=None, gt=0, le=86_400)


TRIGGERS: Final[Mapping[str, type[Form]]] = {
    "zone_entered": _ZoneForm,
    "zone_dwelled": _DwellForm,
    "zone_left": _ZoneForm,
    "code_scanned": _CodeForm,
    "tag_tapped": _CodeForm,
    "checked_in": _Anything,
    "came_back": _Anything,
    "seen_online": _ProductForm,
    "near_wish": _WishForm,
    "sold_out_scanned": _ProductForm,
    "order_arrived": _Anything,
    "at_till": _ZoneForm,
    "queue_long": _ZoneForm,
    "left_shop": _Anything,
    "left_without_buying": _Anything,
}
"""What can make a campaign fire, and how each can be narrowed; an empty object means any."""


def compile_trigger(written: Mapping[str, Mapping[str, Any]], key: str, document: str) -> Trigger:
    """The trigger written at `key` of `document`.

    Raises:
        DocumentRefused: `invalid`: not exactly one trigger, an unknown one, or one narrowed by two things at once.
    """
    known = ", ".join(TRIGGERS)
    if len(written) != 1:
        raise invalid(document, key, f"it names {len(written)} triggers", f"Name exactly one of {known}")
    ((moment, narrowed),) = written.items()
    if moment not in TRIGGERS:
        raise invalid(document, f"{key}.{moment}", f"there is no trigger {moment!r}", f"Name one of {known}")
    at = f"{key}.{moment}"
    match fill(TRIGGERS[moment], narrowed, document, at):
        case _ZoneForm() as form:
            if form.zone is not None and form.kind is not None:
                raise _both(document, at, "zone", "kind")
            after_s = form.after_s if isinstance(form, _DwellForm) else None
            return Trigger(moment, zone=form.zone, zone_kind=form.kind, after_s=after_s)
        case _CodeForm() as form:
            if form.marker is not None and form.product is not None:
                raise _both(document, at, "marker", "product")
            return Trigger(moment, marker=form.marker, product=_product(form.product, f"{at}.product", document))
        case _ProductForm() as form:
            after_s = form.after_s if isinstance(form, _WishForm) else None
            return Trigger(moment, after_s=after_s, product=_product(form.product, f"{at}.product", document))
        case _:
            return Trigger(moment)


def _product(gtin: str | None, key: str, document: str) -> str | None:
    if gtin is None:
        return None
    try:
        return gtin_14(gtin)
    except ValueError as error:
        raise invalid(document, key, str(error), "Write the number under the product's bar code") from error


def _both(document: str, key: str, one: str, other: str) -> DocumentRefused:
    return invalid(document, key, f"it has both {one} and {other}", "Keep one of them")
