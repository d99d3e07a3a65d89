"""What a capture asks: what a till can, and nothing else."""

import pytest

from gateway.codecs.asks import parse_ask
from gateway.codecs.json_fields import FieldError
from gateway.model.redemptions import CancelRedemption, CommitRedemption, Reserve


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (
            {"redeem": {"member": "ada", "campaign": "gift", "till": "till-3", "key": "1", "value": 4.5}},
            Reserve("ada", "gift", "till-3", "1", 4.5),
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
    ],
)
def test_a_till_asks(body, asked):
    assert parse_ask(body) == asked


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "ask: this version answers no empty question; write one of redeem, commit, cancel"),
        ({"sing": {}}, "ask: this version answers no sing; write one of redeem, commit, cancel"),
        ({"redeem": {"member": "ada"}}, "ask.redeem.campaign is missing: write a text"),
        ({"cancel": {"redemption": "r.x", "why": "no"}}, "ask.cancel.why is not known here: take it out or correct"),
        ({"commit": {"redemption": "r.x", "value": -1}}, "ask.commit.value is wrong: write what it saves, 0 or more"),
        ({"commit": {"redemption": "r.x"}, "cancel": {}}, "ask.cancel is not known here"),
    ],
)
def test_what_it_cannot_ask_is_named(body, problem):
    with pytest.raises(FieldError) as refused:
        parse_ask(body)
    assert str(refused.value).startswith(problem)
