"""What is asked of the shop in a capture (`{"ask": …}`): a till's redemptions, and all that the desk is for."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar, get_args

from gateway.codecs.json_fields import FieldError, Fields
from gateway.model.amount import Amount, exact
from gateway.model.desk import DeskAsk
from gateway.model.feeds import OrderLine
from gateway.model.help import AskHelp, ClaimHelp, CloseHelp
from gateway.model.orders import HandOver
from gateway.model.price_matches import AskPriceMatch, SeenAt
from gateway.model.redemptions import CancelRedemption, CommitRedemption, RedemptionAsk, Reserve
from gateway.model.returns import CheckReturn, ReceiveReturn, RestockReturn
from gateway.model.sighting import CheckIn, OwnScan, Sighting
from gateway.model.slips import MakeSlip, TakeSlip
from gateway.model.tickets import RecordTicket, TicketLine

Line = TypeVar("Line", OrderLine, TicketLine)

_MOST_LINES: Final = 250


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


def _value(fields: Fields) -> Amount | None:
    value = fields.optional_amount("value")
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


def _claim(fields: Fields) -> ClaimHelp:
    return ClaimHelp(fields.text("help"), fields.text("seller"))


def _close(fields: Fields) -> CloseHelp:
    return CloseHelp(fields.text("help"), fields.one_of("outcome", "served", "not_found"))


def _ticket(fields: Fields) -> RecordTicket:
    return RecordTicket(
        fields.text("till"),
        fields.text("number"),
        fields.amount("total"),
        fields.text("currency"),
        _lines(fields, lambda line: TicketLine(*_goods(line), line.amount("amount"))),
        fields.optional_text("member"),
        fields.optional_text("receipt"),
    )


def _slip(fields: Fields) -> MakeSlip:
    return MakeSlip(fields.text("member"), _lines(fields, lambda line: OrderLine(*_goods(line))))


def _take_slip(fields: Fields) -> TakeSlip:
    return TakeSlip(fields.text("slip"), fields.text("till"))


def _lines(fields: Fields, line_of: Callable[[Fields], Line]) -> tuple[Line, ...]:
    lines = []
    for each in fields.objects("lines", _MOST_LINES) if "lines" in fields else []:
        lines.append(line_of(each))
        each.finish()
    return tuple(lines)


def _goods(line: Fields) -> tuple[str, int]:
    return line.text("gtin"), line.integer("quantity", 1_000)


def _return(fields: Fields) -> ReceiveReturn:
    return ReceiveReturn(
        fields.text("product"), fields.integer("quantity", 1_000), member=fields.optional_text("member")
    )


def _check_return(fields: Fields) -> CheckReturn:
    return CheckReturn(fields.text("return"), fields.one_of("found", "sound", "unsound") == "sound")


def _restock_return(fields: Fields) -> RestockReturn:
    return RestockReturn(fields.text("return"))


def _price_match(fields: Fields) -> AskPriceMatch:
    product, ours, theirs = fields.text("product"), exact(fields.number("ours")), exact(fields.number("theirs"))
    seen_at = fields.one_of("seen_at", *get_args(SeenAt))
    return AskPriceMatch(product, ours, theirs, fields.text("currency"), seen_at, fields.optional_text("member"))


_ASKS: Final[Mapping[str, Callable[[Fields], RedemptionAsk | DeskAsk | Sighting]]] = {
    "redeem": _redeem,
    "commit": _commit,
    "cancel": _cancel,
    "check_in": _check_in,
    "scan": _scan,
    "help": _help,
    "claim_help": _claim,
    "close_help": _close,
    "hand_over": _hand_over,
    "ticket": _ticket,
    "slip": _slip,
    "take_slip": _take_slip,
    "return": _return,
    "check_return": _check_return,
    "restock_return": _restock_return,
    "price_match": _price_match,
}
