"""What a capture asks: what a till and a seller can, and nothing else."""

import pytest

from gateway.codecs.asks import parse_ask
from gateway.codecs.json_fields import FieldError
from gateway.model.amount import Amount
from gateway.model.feeds import OrderLine
from gateway.model.help import ClaimHelp, CloseHelp
from gateway.model.redemptions import CancelRedemption, CommitRedemption, Reserve
from gateway.model.returns import CheckReturn, RestockReturn
from gateway.model.slips import MakeSlip, TakeSlip
from gateway.model.tickets import RecordTicket, TicketLine

LINE = {"gtin": "09506000134352", "quantity": 2}


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (
            {"redeem": {"member": "ada", "campaign": "gift", "till": "till-3", "key": "1", "value": 4.5}},
            Reserve("ada", "gift", "till-3", "1", Amount("4.5")),
        ),
        (
            {"redeem": {"member": "ada", "campaign": "gift", "till": "till-3", "key": "1"}},
            Reserve("ada", "gift", "till-3", "1"),
        ),
        (
            {"redeem": {"code": "PX1:x", "coupon": "SPRING-10", "till": "till-3", "key": "1"}},
            Reserve(None, None, "till-3", "1", code="PX1:x", coupon="SPRING-10"),
        ),
        ({"commit": {"redemption": "r.x", "value": None}}, CommitRedemption("r.x")),
        ({"cancel": {"redemption": "r.x"}}, CancelRedemption("r.x")),
        (
            {"ticket": {"till": "t", "number": "1", "total": 8, "currency": "EUR", "lines": [LINE | {"amount": 8}]}},
            RecordTicket("t", "1", Amount(8), "EUR", (TicketLine("09506000134352", 2, Amount(8)),)),
        ),
        ({"slip": {"member": "ada"}}, MakeSlip("ada")),
        ({"slip": {"member": "ada", "lines": [LINE]}}, MakeSlip("ada", (OrderLine("09506000134352", 2),))),
        ({"take_slip": {"slip": "s.x", "till": "till-3"}}, TakeSlip("s.x", "till-3")),
    ],
)
def test_a_till_asks(body, asked):
    assert parse_ask(body) == asked


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        ({"claim_help": {"help": "h.x", "seller": "nils"}}, ClaimHelp("h.x", "nils")),
        ({"close_help": {"help": "h.x", "outcome": "not_found"}}, CloseHelp("h.x", "not_found")),
        ({"check_return": {"return": "b.x", "found": "sound"}}, CheckReturn("b.x", sound=True)),
        ({"check_return": {"return": "b.x", "found": "unsound"}}, CheckReturn("b.x", sound=False)),
        ({"restock_return": {"return": "b.x"}}, RestockReturn("b.x")),
    ],
)
def test_a_seller_asks(body, asked):
    assert parse_ask(body) == asked


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "ask: this version answers no empty question; write one of redeem, commit, cancel"),
        ({"sing": {}}, "ask: this version answers no sing; write one of redeem, commit, cancel"),
        ({"redeem": {"member": "ada"}}, "ask.redeem.campaign is missing: write a text"),
        ({"cancel": {"redemption": "r.x", "why": "no"}}, "ask.cancel.why is not known here: take it out or correct"),
        ({"commit": {"redemption": "r.x", "value": -1}}, "ask.commit.value is wrong: write what it saves, 0 or more"),
        ({"commit": {"redemption": "r.x", "value": 4.12345}}, "ask.commit.value is wrong: write at most 4 decimals"),
        ({"commit": {"redemption": "r.x", "value": 1e10}}, "ask.commit.value is wrong: write at most 1,000,000,000"),
        ({"commit": {"redemption": "r.x"}, "cancel": {}}, "ask.cancel is not known here"),
        ({"check_return": {"return": "b.x", "found": "fine"}}, "ask.check_return.found is wrong: write one of sound"),
        ({"slip": {"member": "ada", "lines": [LINE | {"size": 3}]}}, "ask.slip.lines[0].size is not known here"),
    ],
)
def test_what_it_cannot_ask_is_named(body, problem):
    with pytest.raises(FieldError) as refused:
        parse_ask(body)
    assert str(refused.value).startswith(problem)
