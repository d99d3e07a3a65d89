"""What is asked of the shop in a capture (`{"ask": …}`): a till's redemptions."""

from collections.abc import Callable, Mapping
from typing import Final

from gateway.codecs.json_fields import FieldError, Fields
from gateway.model.redemptions import CancelRedemption, CommitRedemption, RedemptionAsk, Reserve


def parse_ask(body: Mapping[str, object]) -> RedemptionAsk:
    """The question that `body` is: one of `redeem`, `commit`, `cancel`.

    Raises:
        FieldError: it is none of these, or a field is missing, wrong or unknown.
    """
    outer = Fields(body, "ask.")
    kind = next((each for each in _ASKS if each in outer), None)
    if kind is None:
        msg = f"ask: this version answers no {', '.join(body) or 'empty question'}; write one of {', '.join(_ASKS)}"
        raise FieldError(msg)
    fields = Fields(outer.mapping(kind), f"ask.{kind}.")
    outer.finish()
    asked = _ASKS[kind](fields)
    fields.finish()
    return asked


def _redeem(fields: Fields) -> Reserve:
    return Reserve(
        fields.optional_text("member") if "code" in fields or "coupon" in fields else fields.text("member"),
        fields.optional_text("campaign") if "coupon" in fields else fields.text("campaign"),
        fields.text("till"),
        fields.text("key"),
        _value(fields),
        fields.optional_text("code"),
        fields.optional_text("coupon"),
    )


def _commit(fields: Fields) -> CommitRedemption:
    return CommitRedemption(fields.text("redemption"), _value(fields))


def _cancel(fields: Fields) -> CancelRedemption:
    return CancelRedemption(fields.text("redemption"))


def _value(fields: Fields) -> float | None:
    value = fields.optional_number("value")
    if value is not None and value < 0:
        raise fields.wrong("value", "write what it saves, 0 or more")
    return value


_ASKS: Final[Mapping[str, Callable[[Fields], RedemptionAsk]]] = {
    "redeem": _redeem,
    "commit": _commit,
    "cancel": _cancel,
}
