"""What is asked of the shop in a capture (`{"ask": …}`): a till's redemptions, and all that the desk is for."""

from collections.abc import Callable, Mapping
from typing import Final, get_args

from gateway.codecs.json_fields import FieldError, Fields
from gateway.model.desk import DeskAsk
from gateway.model.help import AskHelp
from gateway.model.orders import HandOver
from gateway.model.price_matches import AskPriceMatch, SeenAt
from gateway.model.redemptions import CancelRedemption, CommitRedemption, RedemptionAsk, Reserve
from gateway.model.returns import ReceiveReturn
from gateway.model.sighting import CheckIn, OwnScan, Sighting
from gateway.model.slips import MakeSlip
from gateway.model.tickets import RecordTicket


def parse_ask(body: Mapping[str, object]) -> RedemptionAsk | DeskAsk | Sighting:
    """The question that `body` is: one of `redeem`, `commit`, `cancel`, or of those of the desk.

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


def _check_in(fields: Fields) -> Sighting:
    return Sighting("app", "app", CheckIn(fields.text("member"), "app"))


def _scan(fields: Fields) -> Sighting:
    return Sighting("app", "app", OwnScan(fields.text("member"), fields.text("symbology"), fields.text("text")))


def _help(fields: Fields) -> AskHelp:
    return AskHelp(*(fields.optional_text(key) for key in ("member", "zone", "product", "size", "notes")))


def _hand_over(fields: Fields) -> HandOver:
    return HandOver(fields.text("order"), fields.text("code"), fields.text("seller"))


def _ticket(fields: Fields) -> RecordTicket:
    till, number, total = fields.text("till"), fields.text("number"), fields.number("total")
    return RecordTicket(till, number, total, fields.text("currency"), member=fields.optional_text("member"))


def _slip(fields: Fields) -> MakeSlip:
    return MakeSlip(fields.text("member"))


def _return(fields: Fields) -> ReceiveReturn:
    return ReceiveReturn(
        fields.text("product"), fields.integer("quantity", 1_000), member=fields.optional_text("member")
    )


def _price_match(fields: Fields) -> AskPriceMatch:
    product, ours, theirs = fields.text("product"), fields.number("ours"), fields.number("theirs")
    seen_at = fields.one_of("seen_at", *get_args(SeenAt))
    return AskPriceMatch(product, ours, theirs, fields.text("currency"), seen_at, fields.optional_text("member"))


_ASKS: Final[Mapping[str, Callable[[Fields], RedemptionAsk | DeskAsk | Sighting]]] = {
    "redeem": _redeem,
    "commit": _commit,
    "cancel": _cancel,
    "check_in": _check_in,
    "scan": _scan,
    "help": _help,
    "hand_over": _hand_over,
    "ticket": _ticket,
    "slip": _slip,
    "return": _return,
    "price_match": _price_match,
}
