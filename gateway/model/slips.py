"""Slips: the one code that a member's phone shows at a till, for card, coupons and a basket scanned on the way."""

from dataclasses import dataclass

from gateway.model.feeds import OrderLine
from gateway.model.time import At


@dataclass(frozen=True, slots=True)
class Slip:
    """What a code stands for until a till takes it, or it is too old: who, which campaigns' coupons, which basket."""

    id: str
    subject: str
    coupons: tuple[str, ...]
    lines: tuple[OrderLine, ...]
    since: At
    till: str | None = None


@dataclass(frozen=True, slots=True)
class MakeSlip:
    """A member (its handle) goes to a till, perhaps with a basket scanned on the way."""

    member: str
    lines: tuple[OrderLine, ...] = ()


@dataclass(frozen=True, slots=True)
class TakeSlip:
    """A till read the code."""

    slip: str
    till: str
